import type { z } from 'zod';
import type { Masking, MaskRule, RowFilter, TableMasks } from '../environments/masking.ts';
import { expressionFault } from '../masks/expression.ts';
import { maskKey } from '../masks/mask-key.ts';
import type { ConfigFile } from './config-file.ts';
import type { EnvSource } from './env-source.ts';
import type { Faults } from './faults.ts';
import type { maskRuleSchema } from './masking-schema.ts';

/** Shorter ones can be guessed, and with them every value that was masked. */
const saltLengthMin = 16;

/** What is said of an environment's masks and filters; null where nothing is. */
export function loadMasking(
  name: string,
  saltVariable: string,
  env: EnvSource,
  file: ConfigFile,
  faults: Faults,
): Masking | null {
  const said = file.sections.environments?.[name];
  const salt = env.get(saltVariable);
  if (salt !== null && salt.length < saltLengthMin)
    faults.add(`${env.place(saltVariable)} must have ${saltLengthMin} characters or more`);
  const at = (...path: readonly string[]) => file.place(['environments', name, ...path]);
  const check = (path: readonly string[], sql: string): void => {
    const fault = expressionFault(sql);
    if (fault !== null) faults.add(`${at(...path)}: ${path.join('.')} ${fault}`);
  };
  const masks = Object.entries(said?.masks ?? {}).map(([table, columns]): TableMasks => ({
    table,
    said: at('masks', table),
    columns: new Map(
      Object.entries(columns).map(([column, written]) => {
        const rule = ruleOf(written);
        if (rule.kind === 'sql') check(['masks', table, column], rule.sql);
        return [column, rule];
      }),
    ),
  }));
  const filters = Object.entries(said?.where ?? {}).map(([table, written]): RowFilter => {
    const filter = typeof written === 'string' ? { sql: written } : written;
    check(['where', table], filter.sql);
    return { table, said: at('where', table), sql: filter.sql, pointing: filter.pointing ?? 'refuse' };
  });
  const required = said?.requireMasks === true;
  if (masks.length + filters.length === 0 && !required) return null;
  if (salt === null && masks.some(({ columns }) => [...columns.values()].some(needsKey)))
    faults.add(
      `${at('masks')}: rules that put something else in a value’s place need a secret; set ${saltVariable}`,
    );
  return { masks, filters, required, key: salt === null ? null : maskKey(salt) };
}

function ruleOf(written: z.infer<typeof maskRuleSchema>): MaskRule {
  if (written === null) return { kind: 'null' };
  if (typeof written === 'string') return { kind: written };
  return 'sql' in written
    ? { kind: 'sql', sql: written.sql }
    : { kind: 'fixed', value: String(written.fixed) };
}

function needsKey({ kind }: MaskRule): boolean {
  switch (kind) {
    case 'email':
    case 'keepDomain':
    case 'name':
    case 'phone':
    case 'hash':
      return true;
    case 'null':
    case 'keep':
    case 'fixed':
    case 'sql':
      return false;
    default:
      return kind satisfies never;
  }
}

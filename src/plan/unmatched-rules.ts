import { largeObjectsName, means } from '../environments/table-policy.ts';
import type { TablePolicyRule } from '../environments/table-policy.ts';
import { SyncError } from '../errors/sync-error.ts';
import { nearest } from '../lib/nearest.ts';
import { tableName } from '../lib/table-name.ts';
import { rulesOf } from './schema-names.ts';
import type { SchemaNames } from './schema-names.ts';

interface Named {
  readonly schema: string;
  readonly name: string;
}

export interface UnmatchedRules {
  /** CONFIG_INVALID for each rule that keeps rows, and whose name is nearly that of a table: it would keep none. */
  readonly faults: readonly SyncError[];
  /** A sentence for each other one. */
  readonly notes: readonly string[];
}

/**
 * Rules of the configuration file that name no table of either end. A configuration may serve databases that do not
 * have the same tables, so most are only told; but a slip in the name of a table whose rows were to stay would lose
 * them. Pure.
 */
export function unmatchedRules(
  rules: readonly TablePolicyRule[],
  ends: { readonly source: readonly Named[]; readonly target: readonly Named[] },
  names: SchemaNames | null,
): UnmatchedRules {
  const [here, there] = [rulesOf(rules, names, 'source'), rulesOf(rules, names, 'target')];
  const both = [...ends.source, ...ends.target];
  const candidates = new Set(both.flatMap((table) => [table.name, tableName(table)]));
  const faults: SyncError[] = [];
  const notes: string[] = [];
  for (const [index, { table, policy, said }] of rules.entries()) {
    if (said === undefined || table === largeObjectsName) continue;
    const isMeant = (rule: TablePolicyRule | undefined, { schema, name }: Named): boolean =>
      rule !== undefined && means(rule, schema, name);
    if (ends.source.some((one) => isMeant(here[index], one))) continue;
    if (ends.target.some((one) => isMeant(there[index], one))) continue;
    const meant = nearest(table, candidates);
    const sentence = `${said}: "${table}" (${policy}) names no table of either end`;
    if (meant !== null && (policy === 'preserve' || policy === 'exclude'))
      faults.push(
        new SyncError('CONFIG_INVALID', `${sentence}; did you mean "${meant}"?`, {
          details: { table, meant },
          hint:
            'Names of tables are compared letter by letter. Correct the rule, or remove it: as it is, it ' +
            'keeps no rows.',
        }),
      );
    else notes.push(`${sentence}.`);
  }
  return { faults, notes };
}

import { displayName, displayQualified } from '../catalog/display-name.ts';
import { sqlTokens } from '../catalog/comparison/sql-tokens.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { ImportPlan } from './import-plan.ts';
import type { RunnableObject } from './runnable-object.ts';
import type { TargetRights } from './target-rights.ts';

/**
 * Features that a server has only if it was built with them: compression methods, ICU, XML. TARGET_FEATURE_MISSING
 * names each object and what it needs. (A missing locale, library or file shows only when it is used.)
 */
export function checkFeatures(objects: readonly RunnableObject[], { features }: TargetRights): void {
  const faults = objects.flatMap((object) => {
    const missing = [...needsOf(object)].filter((need) => !features.includes(need)).sort();
    return missing.length === 0 ? [] : [`${object.identity} needs ${missing.join(', ')}`];
  });
  if (faults.length === 0) return;
  throw new SyncError(
    'TARGET_FEATURE_MISSING',
    `The target’s server was built without features that ${faults.length} object(s) need: ${faults.join('; ')}.`,
    { details: { objects: faults } },
  );
}

/**
 * Rows for XML columns on a server that cannot read XML. Only the rows tell whether these columns hold values, so
 * this is a warning for each table, not a refusal.
 */
export function xmlWarnings(
  { load }: Pick<ImportPlan, 'load'>,
  { features }: TargetRights,
): readonly string[] {
  if (features.includes('xml')) return [];
  return load.flatMap(({ schema, name, columns, rawBytes }): string[] => {
    const holding = columns.filter(({ type, generated }) => !generated && /^xml(?:\[\])*$/.test(type));
    if (rawBytes === 0 || holding.length === 0) return [];
    const names = holding.map((column) => displayName(column.name)).join(', ');
    return [
      `The target’s server was built without XML: a row of ${displayQualified(schema, name)} that ` +
        `has a value in ${names} stops the run, and the target stays as it was.`,
    ];
  });
}

/**
 * Compression stands in statements of tables and materialized views as `SET COMPRESSION lz4`, ICU as `PROVIDER = icu`.
 */
function needsOf({ kind, sql }: RunnableObject): ReadonlySet<string> {
  const needs = new Set<string>(hasXmlConstant(kind, sql) ? ['xml'] : []);
  const [word, isNeed] =
    kind === 'collation' ? ['PROVIDER', (name: string) => name === 'icu'] : ['COMPRESSION', isCompression];
  if (!sql.includes(` ${word} `) && !sql.includes(`(${word} `)) return needs;
  const tokens = sqlTokens(sql).filter((token) => token !== '=');
  for (const [at, token] of tokens.entries()) {
    const name = tokens[at + 1] ?? '';
    if (token === word && isNeed(name)) needs.add(name);
  }
  return needs;
}

/** Bodies of functions are text, and read when they are called. */
function hasXmlConstant(kind: string, sql: string): boolean {
  if (kind === 'function' || kind === 'procedure' || !sql.includes("'::xml")) return false;
  const tokens = sqlTokens(sql);
  return tokens.some(
    (token, at) => token === '::' && tokens[at + 1] === 'xml' && tokens[at - 1]?.endsWith("'") === true,
  );
}

function isCompression(name: string): boolean {
  return name === 'pglz' || name === 'lz4';
}

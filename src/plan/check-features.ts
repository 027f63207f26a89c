import { sqlTokens } from '../catalog/comparison/sql-tokens.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { RunnableObject } from './runnable-object.ts';
import type { TargetRights } from './target-rights.ts';

/**
 * What a server has only where it was built with it: methods of compression, and ICU. TARGET_FEATURE_MISSING names each
 * object and what it needs. (A collation's locale, a library or a file shows only when it is used.)
 */
export function checkFeatures(objects: readonly RunnableObject[], { features }: TargetRights): void {
  const faults = objects.flatMap((object) => {
    const missing = [...needsOf(object)].filter((need) => !features.includes(need)).sort();
    return missing.length === 0 ? [] : [`${object.identity} needs ${missing.join(', ')}`];
  });
  if (faults.length === 0) return;
  throw new SyncError(
    'TARGET_FEATURE_MISSING',
    `The target’s server was built without what ${faults.length} object(s) need: ${faults.join('; ')}.`,
    { details: { objects: faults } },
  );
}

/** Compression stands in statements of tables and materialized views as `SET COMPRESSION lz4`, ICU as `PROVIDER = icu`. */
function needsOf({ kind, sql }: RunnableObject): ReadonlySet<string> {
  const needs = new Set<string>();
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

function isCompression(name: string): boolean {
  return name === 'pglz' || name === 'lz4';
}

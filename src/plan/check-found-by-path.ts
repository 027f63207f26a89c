import { SyncError } from '../errors/sync-error.ts';
import type { RunnableObject } from './runnable-object.ts';

/**
 * From this major version on, building, refreshing and analysing run functions under `pg_catalog, pg_temp`, whatever
 * the session has set.
 */
const ownPathMajor = 17;

/**
 * Finds indexes and materialized views whose functions use plain names that the target's server will not
 * find while it builds them, or for which it will find something of PostgreSQL's own: TARGET_VERSION names each. Two
 * servers that build alike find the same, so they are not asked. Returns a sentence for each object whose function's
 * text does not show its names, and for statistics, which no run fails for.
 */
export function checkFoundByPath(
  objects: readonly RunnableObject[],
  sourceVersionNum: number,
  targetVersionNum: number,
): readonly string[] {
  const [from, to] = [sourceVersionNum, targetVersionNum].map((num) => Math.floor(num / 10_000)) as [
    number,
    number,
  ];
  const isOwn = to >= ownPathMajor;
  const faults: string[] = [];
  const warnings: string[] = [];
  for (const { identity, kind, foundByPath = [] } of objects) {
    const names = foundByPath.filter(
      ({ name, builtIn }) => isOwn && name !== null && (!builtIn || from < ownPathMajor),
    );
    if (names.length > 0) {
      const uses = names.map(({ routine, name }) => `function ${routine} uses ${name ?? ''}`);
      const whose = `${identity}, whose ${uses.join(', ')} by its plain name`;
      if (kind !== 'statistics') faults.push(whose);
      // It is made without running them; only the planner misses what ANALYZE does not find.
      else
        warnings.push(
          `The target’s server gathers statistics without the search path that functions need: ${whose}. If ` +
            'ANALYZE of its table fails for it, the table is copied without statistics, and the receipt says so.',
        );
      continue;
    }
    const [hidden] = foundByPath.filter(({ name }) => name === null);
    if (hidden === undefined) continue;
    const where = isOwn
      ? 'the target’s server builds it with pg_catalog alone as the search path'
      : 'it is built under the default search path of the source';
    warnings.push(
      `${identity} runs function ${hidden.routine}, whose text does not show which names it uses: ` +
        `${where}. If its callers use another search path, compare its results with those of a ` +
        'sequential scan.',
    );
  }
  if (faults.length === 0) return warnings;
  throw new SyncError(
    'TARGET_VERSION',
    `The target’s server is PostgreSQL ${to}, which builds ${faults.length} object(s) without the ` +
      `search path that their functions need: ${faults.join('; ')}.`,
    {
      details: { objects: faults },
      hint:
        'Give these functions a path of their own in the source (ALTER ROUTINE … SET search_path = ' +
        '…), write the names with their schemas, or leave the objects out (--leave-out).',
    },
  );
}

import { both } from '../../lib/both.ts';
import { withReleasers } from '../../lib/releasers.ts';
import type { SchemaNames } from '../../plan/schema-names.ts';
import { digestsEqual, sumDigests } from '../../postgres/digest.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import { openTeam } from '../../postgres/team.ts';
import type { Run } from '../contract/run.ts';
import type { OpenSource } from '../source/open-source.ts';
import type { VerifyReceipt } from '../contract/receipts.ts';
import { shareOutPairs } from '../../postgres/share-out-pairs.ts';
import { compareTable } from './compare-table.ts';
import type { Compared } from './compare-table.ts';
import { sizeOf } from './pair-tables.ts';
import type { Pair } from './pair-tables.ts';

type TableResult = VerifyReceipt['tables'][number];

interface Ends {
  readonly left: OpenSource;
  readonly right: OpenSource;
  /** Where the application's schema has another name on the right (`target`). */
  readonly names: SchemaNames | null;
}

/** Compares every pair, the largest first, several at once, each in the snapshots of the two ends. */
export async function compareTables(
  { left, right, names }: Ends,
  pairs: readonly Pair[],
  run: Run,
): Promise<readonly TableResult[]> {
  const results = new Map<string, Compared>();
  const count = Math.min(run.config.sync.workers, pairs.length);
  await withReleasers(async (releasers) => {
    const [lefts, rights] = await both(
      (signal) => openTeam(left, count, releasers, { signal }),
      (signal) => openTeam(right, count, releasers, { signal }),
      run.signal,
    );
    await shareOutPairs(
      pairs,
      sizeOf,
      inPairs(lefts, rights),
      async (ends, pair, signal) => {
        results.set(pair.name, await compareTable(ends, pair, names, { ...run, signal }));
      },
      run.signal,
    );
  }).catch((error: unknown) => {
    run.signal.throwIfAborted();
    throw databaseError(error, 'source', 'Opening the sessions that compare');
  });
  return judge(pairs.flatMap(({ name }) => results.get(name) ?? []));
}

function inPairs<One, Other>(
  ones: readonly One[],
  others: readonly Other[],
): readonly (readonly [One, Other])[] {
  return ones.flatMap((one, index) => {
    const other = others[index];
    return other === undefined ? [] : [[one, other] as const];
  });
}

/** One by one, or, for partitions over which servers may spread rows differently, by the sum of their tree. */
function judge(compared: readonly Compared[]): readonly TableResult[] {
  return compared.map(({ result, group }) => {
    if (group === null || result.equal) return result;
    const members = compared.filter((other) => other.group === group);
    const [left, right] = (['left', 'right'] as const).map((side) =>
      sumDigests(members.flatMap((member) => member[side] ?? [])),
    );
    const equal = left !== undefined && right !== undefined && digestsEqual(left, right);
    return { ...result, equal, differingKeys: equal ? [] : result.differingKeys };
  });
}

import { withReleasers } from '../../lib/releasers.ts';
import { runWorkers } from '../../lib/run-workers.ts';
import type { SchemaNames } from '../../plan/schema-names.ts';
import { digestsEqual, sumDigests } from '../../postgres/digest.ts';
import type { Session } from '../../postgres/session.ts';
import { joinSnapshot } from '../../postgres/snapshot.ts';
import type { JobContext } from '../journal/job-context.ts';
import type { OpenSource } from '../source/open-source.ts';
import type { VerifyReceipt } from '../contract/receipts.ts';
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
  context: JobContext,
): Promise<readonly TableResult[]> {
  const results = new Map<string, Compared>();
  const bySize = [...pairs].sort((a, b) => sizeOf(b) - sizeOf(a));
  await runWorkers(
    bySize,
    context.config.sync.workers,
    (next, signal) =>
      withReleasers(async (sessions) => {
        const join = async (source: OpenSource): Promise<Session> => {
          const session = await source.database.connect({ signal });
          sessions.defer(async () => {
            if (!session.broken) await session.execute('ROLLBACK').catch(() => session.cut());
            await session.release();
          });
          await joinSnapshot(session, source.snapshot, { signal });
          return session;
        };
        let both: readonly [Session, Session] | null = null;
        for (let pair = next(); pair !== undefined && !signal.aborted; pair = next()) {
          both ??= [await join(left), await join(right)];
          results.set(pair.name, await compareTable(both, pair, names, { ...context, signal }));
        }
      }),
    context.signal,
  );
  context.signal.throwIfAborted();
  return judge(pairs.flatMap(({ name }) => results.get(name) ?? []));
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

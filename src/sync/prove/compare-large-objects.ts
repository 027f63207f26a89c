import type { Difference } from '../../catalog/difference.ts';
import { both } from '../../lib/both.ts';
import { withReleasers } from '../../lib/releasers.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import { openTeam, spreadOver } from '../../postgres/team.ts';
import type { Run } from '../contract/run.ts';
import { digestLargeObjects, largeObjectDifferences } from '../large-objects/digest.ts';
import type { DigestedLargeObjects } from '../large-objects/digest.ts';
import type { OpenSource } from '../source/open-source.ts';

/** Compares large objects by digest, with their owners and grants: one difference for all of them, or none. */
export async function compareLargeObjects(
  left: OpenSource,
  right: OpenSource,
  run: Run,
): Promise<readonly Difference[]> {
  const { signal, report } = run;
  const [leftTotals, rightTotals] = [left.model.largeObjects, right.model.largeObjects];
  if (leftTotals.count + rightTotals.count === 0) return [];
  const name = 'large objects';
  report.itemStarted(name, { bytes: Math.max(leftTotals.bytes, rightTotals.bytes) });
  const digestOf =
    (source: OpenSource) =>
    (either: AbortSignal): Promise<DigestedLargeObjects> =>
      withReleasers(async (releasers) => {
        const workers = run.config.sync.workers;
        const sessions = await openTeam(source, workers, releasers, { signal: either });
        return digestLargeObjects(spreadOver(sessions, either), { signal: either });
      });
  try {
    const [one, other] = await both(digestOf(left), digestOf(right), signal);
    report.itemDone(name);
    const different = largeObjectDifferences(one, other, { owners: true, privileges: true });
    if (different.length === 0) return [];
    return [{ kind: 'object', name, difference: different.join(', ') }];
  } catch (error) {
    signal.throwIfAborted();
    throw databaseError(error, 'source', 'Comparing large objects');
  }
}

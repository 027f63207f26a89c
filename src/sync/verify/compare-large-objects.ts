import type { Difference } from '../../catalog/difference.ts';
import { Releasers } from '../../lib/releasers.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import type { JobContext } from '../job-context.ts';
import { digestLargeObjects, largeObjectDifferences } from '../large-objects/digest.ts';
import type { DigestedLargeObjects } from '../large-objects/digest.ts';
import { spreadOver } from '../large-objects/spread.ts';
import type { OpenSource } from '../source/open-source.ts';
import { snapshotSessions } from '../source/snapshot-sessions.ts';

/** Compares large objects by digest, with their owners and grants: one difference for all of them, or none. */
export async function compareLargeObjects(
  left: OpenSource,
  right: OpenSource,
  context: JobContext,
): Promise<readonly Difference[]> {
  const { signal, report } = context;
  const [leftTotals, rightTotals] = [left.model.largeObjects, right.model.largeObjects];
  if (leftTotals.count + rightTotals.count === 0) return [];
  const name = 'large objects';
  report.itemStarted(name, { bytes: Math.max(leftTotals.bytes, rightTotals.bytes) });
  const releasers = new Releasers();
  try {
    const digestOf = async (source: OpenSource): Promise<DigestedLargeObjects> => {
      const sessions = await snapshotSessions(source, context.config.sync.workers, releasers, { signal });
      return digestLargeObjects(spreadOver(sessions, signal), { signal });
    };
    const [one, other] = await Promise.all([digestOf(left), digestOf(right)]);
    report.itemDone(name);
    const different = largeObjectDifferences(one, other, { owners: true, privileges: true });
    if (different.length === 0) return [];
    return [{ kind: 'object', name, difference: different.join(', ') }];
  } catch (error) {
    signal.throwIfAborted();
    throw databaseError(error, 'source', 'Comparing large objects');
  } finally {
    await releasers.release();
  }
}

import type { ManifestLargeObjects } from '../../dump/manifest.ts';
import { SyncError } from '../../errors/sync-error.ts';
import type { Session } from '../../postgres/session.ts';
import { tryLockLargeObjects } from './carry.ts';
import { digestLargeObjects, largeObjectDifferences } from './digest.ts';
import { locksOfReading } from '../capacity/locks.ts';
import { spreadOver } from '../../postgres/team.ts';

/**
 * Every large object that is removed, and every one that is commented on, is locked until the transaction ends. Refuses
 * early what the server would refuse in the middle: more locks than its table has room for. TARGET_LOCKS_FULL.
 */
export async function checkLocks(
  session: Session,
  needed: { readonly removed: number; readonly commented: number },
  options: { readonly signal: AbortSignal },
): Promise<void> {
  const locks = needed.removed + needed.commented;
  const { room } = (await locksOfReading(session, [], options)).room;
  if (locks <= room) return;
  throw new SyncError(
    'TARGET_LOCKS_FULL',
    `In place, one transaction removes ${needed.removed} large objects and comments on ` +
      `${needed.commented}, and takes a lock for each; the server has room for ${room}.`,
    {
      details: { locks, room },
      hint: 'Use mode replace, which needs no such locks, or raise max_locks_per_transaction and restart the server.',
    },
  );
}

/**
 * What somebody wrote into large objects after the safety copy would be lost. CONFLICT_TARGET_CHANGED. From then on
 * nobody can write to them if the role may lock the tables that hold them, which only superusers may.
 */
export async function checkObjectsCopy(
  session: Session,
  copy: ManifestLargeObjects | null,
  options: { readonly signal: AbortSignal },
): Promise<void> {
  await tryLockLargeObjects(session, options.signal);
  const now = await digestLargeObjects(spreadOver([session], options.signal), options);
  const digest = copy?.digest ?? null;
  const changed =
    copy === null || digest === null
      ? now.objects > 0
      : largeObjectDifferences({ ...copy, digest }, now, { owners: true, privileges: true }).length > 0;
  if (!changed) return;
  throw new SyncError(
    'CONFLICT_TARGET_CHANGED',
    'The large objects of the target changed after its safety copy was written. The run changed nothing.',
  );
}

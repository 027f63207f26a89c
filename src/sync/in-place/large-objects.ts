import type { ManifestLargeObjects } from '../../dump/manifest.ts';
import { SyncError } from '../../errors/sync-error.ts';
import type { Session } from '../../postgres/session.ts';
import { tryLockLargeObjects } from '../large-objects/carry.ts';
import { digestLargeObjects, largeObjectDifferences } from '../large-objects/digest.ts';
import { spreadOver } from '../large-objects/spread.ts';

/** Every large object that is removed, and every one that is commented on, is locked until the transaction ends. */
const capacitySql = `SELECT pg_catalog.current_setting('max_locks_per_transaction')::int8 * (
  pg_catalog.current_setting('max_connections')::int8 + pg_catalog.current_setting('max_prepared_transactions')::int8
  + pg_catalog.current_setting('max_wal_senders')::int8 + pg_catalog.current_setting('max_worker_processes')::int8
  + COALESCE(pg_catalog.current_setting('autovacuum_worker_slots', true), pg_catalog.current_setting('autovacuum_max_workers'))::int8
) AS capacity`;

/**
 * Refuses early what the server would refuse in the middle: more locks than its table has room for. TARGET_STATEMENT_FAILED.
 */
export async function checkLocks(
  session: Session,
  needed: { readonly removed: number; readonly commented: number },
  options: { readonly signal: AbortSignal },
): Promise<void> {
  const locks = needed.removed + needed.commented;
  const [row] = await session.query<{ capacity: string }>(capacitySql, [], options);
  if (locks <= Number(row?.capacity ?? 0)) return;
  throw new SyncError(
    'TARGET_STATEMENT_FAILED',
    `In place, one transaction removes ${needed.removed} large objects and comments on ${needed.commented}, each of which takes a lock; the server has room for ${row?.capacity ?? 0}.`,
    {
      details: { locks, capacity: Number(row?.capacity ?? 0) },
      hint: 'Use mode replace, which needs no such locks, or raise max_locks_per_transaction and restart the server.',
    },
  );
}

/**
 * What was written into large objects after the safety copy would be gone with them. CONFLICT_TARGET_CHANGED. Nobody
 * writes to them from then on, where the role may see to that: only superusers may lock the tables that hold them.
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
    'The target changed after its safety copy was written: its large objects. Nothing was changed by the run.',
  );
}

import { SyncError } from '../../errors/sync-error.ts';
import type { CallOptions, Session } from '../../postgres/session.ts';

/**
 * One writer per target: a session-level advisory lock whose key is made of the target database's name. Advisory locks
 * belong to the database of the session that takes them, so every run takes it in the same maintenance database, or in
 * the target where there is none. The lock ends with its session, however that ends. CONFLICT_TARGET_BUSY when taken.
 */
export async function lockTarget(
  session: Session,
  databaseName: string,
  options: CallOptions,
): Promise<void> {
  const [row] = await session.query<{ locked: boolean }>(
    "SELECT pg_catalog.pg_try_advisory_lock(pg_catalog.hashtextextended('multiboard-sync:' || $1, 0)) AS locked",
    [databaseName],
    options,
  );
  if (row?.locked === true) return;
  throw new SyncError('CONFLICT_TARGET_BUSY', `Another run is writing to the database "${databaseName}".`);
}

import { SyncError } from '../errors/sync-error.ts';
import { sqlFile } from '../lib/sql-file.ts';
import { quoteLiteral } from './identifiers.ts';
import type { CallOptions, Session } from './session.ts';
import { sqlState } from './sqlstate.ts';

const snapshotFacts = sqlFile(import.meta.url, './snapshot-facts.sql');

export interface Snapshot {
  /** For `joinSnapshot`; valid while the exporting session's transaction is open. */
  readonly id: string;
  /** Write-ahead log position near the snapshot; null where the role may not ask. */
  readonly lsn: string | null;
  readonly takenAt: Date;
  /** The oldest transaction (xid) that had not ended: whatever the snapshot does not show is its work or later. */
  readonly oldest: string;
}

/**
 * Opens a REPEATABLE READ, READ ONLY transaction and exports its snapshot (PostgreSQL manual, "Snapshot
 * Synchronization Functions"): sessions that join see exactly the same rows. The transaction must stay open.
 */
export async function exportSnapshot(session: Session, options: CallOptions): Promise<Snapshot> {
  await session.execute('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY', options);
  const [facts] = await session.query<{ id: string; lsn: string | null; taken_at: Date; oldest: string }>(
    snapshotFacts,
    [],
    options,
  );
  if (facts === undefined) throw new Error('pg_export_snapshot returned no row');
  return { id: facts.id, lsn: facts.lsn, takenAt: facts.taken_at, oldest: facts.oldest };
}

/**
 * Opens a READ ONLY transaction on an exported snapshot. SOURCE_SNAPSHOT_LOST where the session that holds it has
 * ended: the server knows its name no more, and says only that (22023, `snapmgr.c`).
 */
export async function joinSnapshot(
  session: Session,
  snapshot: Snapshot,
  options: CallOptions,
): Promise<void> {
  const begin = `BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET TRANSACTION SNAPSHOT ${quoteLiteral(snapshot.id)}`;
  await session.execute(begin, options).catch((error: unknown) => {
    if (!['22023', '42704', '55000'].includes(sqlState(error) ?? '')) throw error;
    throw new SyncError(
      'SOURCE_SNAPSHOT_LOST',
      'The session that held the snapshot was closed from outside: another one that was to read the same rows ' +
        'came too late.',
      { cause: error },
    );
  });
}

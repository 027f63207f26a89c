import { cutRows } from '../../dump/copy-table.ts';
import { SyncError } from '../../errors/sync-error.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import type { LargeObjectsReceipt } from '../contract/receipts.ts';
import { digestLargeObjects, largeObjectDifferences, largeObjectsHex } from './digest.ts';
import { readLargeObjects } from './read.ts';
import type { LargeObjectSink, ReadOptions } from './read.ts';
import { runCounted, runPlain } from './run-statements.ts';
import { spreadOver } from '../../postgres/team.ts';

/**
 * Locks out writers of large objects until the transaction ends. PostgreSQL lets only superusers lock the tables that
 * hold them: false for other roles.
 */
export async function tryLockLargeObjects(session: Session, signal: AbortSignal): Promise<boolean> {
  const [role] = await session.query<{ superuser: boolean }>(
    'SELECT r.rolsuper AS superuser FROM pg_catalog.pg_roles AS r WHERE r.rolname = CURRENT_USER',
    [],
    { signal },
  );
  if (role?.superuser !== true) return false;
  try {
    await session.execute(
      'LOCK TABLE pg_catalog.pg_largeobject, pg_catalog.pg_largeobject_metadata IN SHARE MODE',
      { signal },
    );
  } catch (error) {
    signal.throwIfAborted();
    throw databaseError(error, 'target', 'Locking the large objects');
  }
  return true;
}

/** The same for large objects that are kept. TARGET_KEPT_TABLE if there are some and the role may not lock them. */
export async function lockLargeObjects(
  session: Session,
  objects: number,
  signal: AbortSignal,
): Promise<void> {
  if ((await tryLockLargeObjects(session, signal)) || objects === 0) return;
  throw new SyncError(
    'TARGET_KEPT_TABLE',
    'Large objects are kept, but this role may not lock out those who write to them: what they write ' +
      'while the large objects are carried over would be lost.',
    {
      hint: 'Use mode in-place, which leaves them where they are, or a superuser as the role of the target.',
    },
  );
}

/**
 * Copies the live target's large objects into a database that has none, and proves both equal. `live` holds the lock.
 */
export async function carryLargeObjects(
  live: Session,
  next: Session,
  options: ReadOptions,
): Promise<LargeObjectsReceipt> {
  const { signal } = options;
  const name = 'large objects';
  options.report.itemStarted(name);
  const before = await readLargeObjects(spreadOver([live], signal), sessionSink(next, signal), options);
  const after = await digestLargeObjects(spreadOver([next], signal), { signal });
  const { objects, bytes, digest } = before;
  const different =
    digest === null
      ? ['digest']
      : largeObjectDifferences({ objects, bytes, digest }, after, { owners: true, privileges: true });
  if (different.length > 0)
    throw new SyncError(
      'TARGET_KEPT_TABLE',
      `The kept large objects changed on the way: ${different.join(', ')}.`,
    );
  options.report.itemDone(name);
  return { objects, bytes, content: 'kept', digest: largeObjectsHex(after.digest), equal: true };
}

/** Makes large objects in another database. */
function sessionSink(session: Session, signal: AbortSignal): LargeObjectSink {
  return {
    rows: async ({ owner, frame }, rows, onWritten) => {
      const total = { rows: 0, rawBytes: 0 };
      for await (const piece of cutRows(rows, true)) {
        const sql = `${frame.head}${Buffer.concat(piece.chunks).toString('latin1')}${frame.tail}`;
        await runCounted(session, { sql, owner, rows: piece.rows }, signal);
        total.rows += piece.rows;
        total.rawBytes += piece.bytes;
        onWritten(piece.rows, piece.bytes);
      }
      return total;
    },
    statements: (_part, statements) => runPlain(session, statements.join('\n'), signal),
  };
}

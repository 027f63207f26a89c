import { setTimeout as delay } from 'node:timers/promises';
import { SyncError } from '../../errors/sync-error.ts';
import { sqlFile } from '../../lib/sql-file.ts';
import type { CallOptions, Session } from '../../postgres/session.ts';

const takeLockSql = sqlFile(import.meta.url, './take-lock.sql');
/** How long the last statement of a killed run may go on before its server notices. */
export const departureMs = 15_000;
/** A holder that waits for its client is alive, or was killed this very moment. */
const idleMs = 500;
const pollMs = 50;

interface LockRow {
  readonly locked: boolean;
  readonly holder: string | null;
  /** Whether the holder's backend is in the middle of a statement. */
  readonly working: boolean | null;
}

/**
 * One writer per target: a session-level advisory lock whose key is made of the target database's name. Advisory
 * locks belong to the database of the session that takes them, and not every role may connect to the same third
 * database. So a run takes it twice: in its maintenance database, where it outlives a swap, and in the target, where
 * all roles meet (target-lock.ts).
 *
 * A lock ends with its session, however that ends; the last statement of a run that was killed is waited for.
 * CONFLICT_TARGET_BUSY when another run holds it.
 */
export async function lockTarget(
  session: Session,
  databaseName: string,
  options: CallOptions,
): Promise<void> {
  const startedAt = performance.now();
  let idleSince: number | null = null;
  for (;;) {
    const [row] = await session.query<LockRow>(takeLockSql, [databaseName], options);
    if (row?.locked === true) return;
    const now = performance.now();
    idleSince = row?.working === true ? null : (idleSince ?? now);
    if (now - startedAt > departureMs || (idleSince !== null && now - idleSince > idleMs)) {
      const who = row?.holder ?? null;
      throw new SyncError(
        'CONFLICT_TARGET_BUSY',
        `Another run is writing to the database "${databaseName}"${who === null ? '' : ` (${who})`}.`,
        { details: { holder: who } },
      );
    }
    await delay(pollMs);
  }
}

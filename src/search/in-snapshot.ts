import type { Database } from '../postgres/database.ts';
import type { Session } from '../postgres/session.ts';

/** Work in one READ ONLY, REPEATABLE READ transaction: every collection shows the same moment. */
export async function inSnapshot<T>(
  database: Database,
  signal: AbortSignal,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  return database.withSession(async (session) => {
    await session.execute('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY', { signal });
    try {
      return await work(session);
    } finally {
      if (!session.broken) await session.execute('COMMIT');
    }
  }, signal);
}

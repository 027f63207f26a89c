import type { Database } from '../../../postgres/database.ts';
import { sessionsOfReplacing } from '../../capacity/sessions-needed.ts';
import { checkSessions, rehearseSessions } from '../../capacity/sessions.ts';
import type { Asker } from '../../contract/run.ts';
import { applicationNameOf } from '../../ends/connect.ts';

export interface ReplacingSessions {
  /** Of the target. */
  readonly name: string;
  readonly workers: number;
  /** Whether a safety copy is written. */
  readonly copies: boolean;
}

/**
 * Whether a run gets the sessions on its target that it needs. TARGET_SESSIONS_LIMIT. Those of a pooler are opened and
 * closed again: a database may allow few.
 */
export async function checkReplacingSessions(
  { id, connect, signal }: Asker,
  asked: Database,
  { name, workers, copies }: ReplacingSessions,
): Promise<readonly string[]> {
  const needed = sessionsOfReplacing(workers, { copies });
  const run = { name, side: 'target', workers } as const;
  const notes = await asked.withSession(
    (session) => checkSessions(asked, session, { ...run, needed, own: applicationNameOf(id) }, { signal }),
    signal,
  );
  if (!asked.throughPooler) return notes;
  // The lock has one of them already, and we are asking on another; a plan takes no lock.
  const count = needed.inDatabase - 2;
  const { side, url } = asked;
  await using pool = connect({ side, url }, { access: 'write', connections: count });
  await rehearseSessions(pool, { ...run, count }, { signal });
  return notes;
}

import type { Database } from '../../postgres/database.ts';
import { sessionsOfReplacing } from './needed.ts';
import { checkSessions, rehearseSessions } from './room.ts';

/** Of them, those that the checks of a target may open: the lock has one already, and a plan takes no lock. */
export function sessionsForChecks(workers: number): number {
  return sessionsOfReplacing(workers).inDatabase - 1;
}

/** Whether a run gets the sessions on its target that it needs, asked on `database`, the target. TARGET_SESSIONS_LIMIT. */
export async function checkReplacingSessions(
  database: Database,
  { name, workers, jobId }: { readonly name: string; readonly workers: number; readonly jobId: string },
  options: { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const run = { name, side: 'target', workers } as const;
  const needed = sessionsOfReplacing(workers);
  const notes = await database.withSession(
    (session) =>
      checkSessions(database, session, { ...run, needed, own: `multiboard-sync ${jobId}` }, options),
    options.signal,
  );
  await rehearseSessions(database, { ...run, count: sessionsForChecks(workers) }, options);
  return notes;
}

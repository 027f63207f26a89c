import type { Environment } from '../../environments/environment.ts';
import { Database } from '../../postgres/database.ts';
import { sessionsOfReplacing } from './needed.ts';
import { checkSessions, rehearseSessions } from './room.ts';

/** Whether a run gets the sessions on its target that it needs. TARGET_SESSIONS_LIMIT; asks on sessions of its own. */
export async function checkReplacingSessions(
  environment: Environment,
  workers: number,
  options: { readonly signal: AbortSignal; readonly jobId: string },
): Promise<readonly string[]> {
  const needed = sessionsOfReplacing(workers);
  // The lock has one of them already; a plan takes no lock.
  const count = needed.inDatabase - 1;
  const applicationName = `multiboard-sync ${options.jobId}`;
  await using database = new Database({
    url: environment.database,
    purpose: 'target',
    applicationName,
    connectionsMax: count,
  });
  const run = { name: environment.name, side: 'target', workers } as const;
  const notes = await database.withSession(
    (session) => checkSessions(database, session, { ...run, needed, own: applicationName }, options),
    options.signal,
  );
  await rehearseSessions(database, { ...run, count }, options);
  return notes;
}

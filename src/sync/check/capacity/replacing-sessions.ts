import type { Environment } from '../../../environments/environment.ts';
import { Database } from '../../../postgres/database.ts';
import { sessionsOfReplacing } from '../../capacity/sessions-needed.ts';
import { checkSessions, rehearseSessions } from '../../capacity/sessions.ts';

export interface ReplacingSessions {
  readonly jobId: string;
  readonly workers: number;
  /** Whether a safety copy is written. */
  readonly copies: boolean;
}

/**
 * Whether a run gets the sessions on its target that it needs. TARGET_SESSIONS_LIMIT. Asks on sessions of its own,
 * closed again: a database may allow few.
 */
export async function checkReplacingSessions(
  environment: Environment,
  { jobId, workers, copies }: ReplacingSessions,
  options: { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const needed = sessionsOfReplacing(workers, { copies });
  // The lock has one of them already; a plan takes no lock.
  const count = needed.inDatabase - 1;
  const applicationName = `multiboard-sync ${jobId}`;
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

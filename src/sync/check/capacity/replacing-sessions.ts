import { Database } from '../../../postgres/database.ts';
import { sessionsOfReplacing } from '../../capacity/sessions-needed.ts';
import { checkSessions, rehearseSessions } from '../../capacity/sessions.ts';

export interface ReplacingSessions {
  /** Of the target. */
  readonly name: string;
  readonly jobId: string;
  readonly workers: number;
  /** Whether a safety copy is written. */
  readonly copies: boolean;
}

/**
 * Whether a run gets the sessions on its target that it needs. TARGET_SESSIONS_LIMIT. Those of a pooler are opened and
 * closed again: a database may allow few.
 */
export async function checkReplacingSessions(
  asked: Database,
  { name, jobId, workers, copies }: ReplacingSessions,
  options: { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const needed = sessionsOfReplacing(workers, { copies });
  const applicationName = `multiboard-sync ${jobId}`;
  const run = { name, side: 'target', workers } as const;
  const notes = await asked.withSession(
    (session) => checkSessions(asked, session, { ...run, needed, own: applicationName }, options),
    options.signal,
  );
  if (!asked.throughPooler) return notes;
  // The lock has one of them already, and we are asking on another; a plan takes no lock.
  const count = needed.inDatabase - 2;
  await using pool = new Database({
    url: asked.url,
    side: 'target',
    access: 'write',
    applicationName,
    connectionsMax: count,
  });
  await rehearseSessions(pool, { ...run, count }, options);
  return notes;
}

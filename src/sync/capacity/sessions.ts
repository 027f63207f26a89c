import { SyncError } from '../../errors/sync-error.ts';
import { sqlFile } from '../../lib/sql-file.ts';
import type { Side } from '../../postgres/conditions.ts';
import type { Database } from '../../postgres/database.ts';
import type { Queryable, Session } from '../../postgres/session.ts';
import type { NeededSessions } from './sessions-needed.ts';

const roomSql = sqlFile(import.meta.url, './sessions.sql');

/** One limit that holds for the run's sessions. */
export interface SessionLimit {
  /** `the role "app" (CONNECTION LIMIT)`. */
  readonly what: string;
  readonly limit: number;
  /** By others, at the moment. */
  readonly used: number;
  /** Only sessions in the database itself count. */
  readonly inDatabase: boolean;
}

export interface SessionsInput {
  readonly name: string;
  readonly side: Side;
  readonly needed: NeededSessions;
  readonly workers: number;
  /** What the address says by `connection_limit`. */
  readonly connectionLimit: number | null;
}

/**
 * SOURCE_SESSIONS_LIMIT or TARGET_SESSIONS_LIMIT if a limit is lower than the number of sessions a run opens. Returns
 * a sentence if the limit is high enough, but others use the sessions at the moment. Pure.
 */
export function judgeSessions(
  limits: readonly SessionLimit[],
  { name, side, needed, workers, connectionLimit }: SessionsInput,
): readonly string[] {
  const countOf = ({ inDatabase }: SessionLimit): number => (inDatabase ? needed.inDatabase : needed.all);
  const tooLow = limits.filter((one) => one.limit < countOf(one));
  if (tooLow.length > 0) {
    const fits = Math.min(...tooLow.map((one) => workers - (countOf(one) - one.limit)));
    throw sessionsLimit(
      side,
      `A run with ${workers} worker(s) opens ${needed.all} sessions on "${name}"; ` +
        `${tooLow.map(({ what, limit }) => `${what} allows ${Math.max(0, limit)}`).join(', ')}.`,
      fits,
    );
  }
  const taken = limits.filter((one) => one.limit - one.used < countOf(one));
  const said = connectionLimit !== null && connectionLimit < needed.all ? connectionLimit : null;
  return [
    ...taken.map(
      (one) =>
        `A run opens ${countOf(one)} sessions on "${name}"; ${one.what} allows ${one.limit}, and others use ` +
        `${one.used} of them at the moment.`,
    ),
    ...(said === null
      ? []
      : [
          `A run opens ${needed.all} sessions on "${name}", more than the connection_limit=${said} in its ` +
            'address; that limit is for Prisma’s own pool and does not apply to a run. Fewer workers ' +
            '(SYNC_WORKERS) open fewer sessions.',
        ]),
  ];
}

function sessionsLimit(side: Side, message: string, fits: number, cause?: unknown): SyncError {
  const code = side === 'source' ? 'SOURCE_SESSIONS_LIMIT' : 'TARGET_SESSIONS_LIMIT';
  return new SyncError(code, message, {
    cause,
    hint: `Raise the limit named${fits >= 1 ? `, or use fewer workers (SYNC_WORKERS=${fits})` : ''}.`,
  });
}

/**
 * Whether a run gets the sessions it needs, by a session that is one of them. `own` names sessions of the run that are
 * there already and not beside these.
 */
export async function checkSessions(
  database: Database,
  session: Queryable,
  input: Omit<SessionsInput, 'connectionLimit'> & { readonly own: string | null },
  options: { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const rows = await session.query<SessionLimit & { readonly in_database: boolean }>(
    roomSql,
    [input.own],
    options,
  );
  const limits = rows.map((row) => ({ ...row, inDatabase: row.in_database }));
  return judgeSessions(limits, { ...input, connectionLimit: database.url.parts.connectionLimit });
}

/**
 * Opens as many sessions of a pooler at once as a run does, because a pooler does not tell its limit: it lets clients
 * wait. For direct connections the server is asked (`checkSessions`). SOURCE_SESSIONS_LIMIT, TARGET_SESSIONS_LIMIT
 * after the address's connect_timeout.
 */
export async function rehearseSessions(
  database: Database,
  {
    name,
    side,
    count,
    workers,
  }: { readonly name: string; readonly side: Side; readonly count: number; readonly workers: number },
  options: { readonly signal: AbortSignal },
): Promise<void> {
  const opening = Array.from({ length: count }, () => database.connect(options));
  const opened = await Promise.allSettled(opening);
  const given = opened.flatMap((one): Session[] => (one.status === 'fulfilled' ? [one.value] : []));
  for (const session of given) await session.release();
  options.signal.throwIfAborted();
  const refused = opened.find((one) => one.status === 'rejected');
  if (refused === undefined) return;
  throw sessionsLimit(
    side,
    `The pooler at ${database.url.toString()} gave ${given.length} sessions at once; a run with ` +
      `${workers} worker(s) needs ${count} more sessions on "${name}".`,
    workers - (count - given.length),
    refused.reason,
  );
}

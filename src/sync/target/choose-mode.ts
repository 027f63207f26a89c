import { sqlForServer } from '../../catalog/sql-for-server.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { sqlFile } from '../../lib/sql-file.ts';
import type { Queryable } from '../../postgres/session.ts';
import type { ImportMode } from '../verbs.ts';
import type { TargetFacts, TargetSession } from './target-facts.ts';
import { targetSessions } from './target-facts.ts';

const uncopyableSql = sqlFile(import.meta.url, './uncopyable-settings.sql');

export interface ModeChoice {
  readonly mode: 'replace' | 'in-place';
  /** A sentence: why this mode. */
  readonly reason: string;
}

/** What stands against making a new database and renaming it; empty when nothing does. Pure. */
function obstacles(
  facts: TargetFacts,
  maintenance: boolean,
  sessions: readonly TargetSession[],
  uncopyable: readonly string[],
): readonly string[] {
  const stuck = sessions.filter(({ endable }) => !endable).map(({ pid, role }) => `pid ${pid} (${role})`);
  return [
    ...(maintenance ? [] : ['this role may connect to neither "postgres" nor "template1"']),
    ...(facts.createsDatabases ? [] : ['this role may not create databases (CREATEDB)']),
    ...(facts.owns || facts.superuser ? [] : [`this role does not own the database (${facts.owner} does)`]),
    ...(stuck.length === 0
      ? []
      : [`this role may not end the session(s) ${stuck.join(', ')} (pg_signal_backend)`]),
    ...(uncopyable.length === 0
      ? []
      : [`this role may not give a new database the ${uncopyable.join(', ')} of this one`]),
    ...facts.holders.map((holder) => `${holder} holds on to this database`),
  ];
}

/**
 * Chooses how the target is replaced. `auto` takes `replace` where nothing stands against it, else `in-place`.
 * TARGET_PRIVILEGE when `replace` was asked for and cannot be. TARGET_UNSUPPORTED while the target receives rows.
 */
export async function chooseMode(
  facts: TargetFacts,
  maintenance: Queryable | null,
  asked: ImportMode,
  options: {
    readonly signal: AbortSignal;
    /** Whether a new database gets the settings of the old one. */
    readonly keepsSettings: boolean;
  },
): Promise<ModeChoice> {
  if (facts.fedBy.length > 0) {
    throw new SyncError(
      'TARGET_UNSUPPORTED',
      `Rows come into "${facts.name}" through ${facts.fedBy.length} enabled subscription(s): ${facts.fedBy.join(', ')}. They would mix with what is loaded.`,
      {
        details: { subscriptions: facts.fedBy },
        hint: 'Disable them first (ALTER SUBSCRIPTION … DISABLE), or choose another target.',
      },
    );
  }
  if (asked === 'in-place') return { mode: 'in-place', reason: 'asked for' };
  options.signal.throwIfAborted();
  const sessions = maintenance === null ? [] : await targetSessions(maintenance, facts.name, {});
  const uncopyable =
    maintenance === null || !options.keepsSettings ? [] : await uncopyableSettings(facts, maintenance);
  const against = obstacles(facts, maintenance !== null, sessions, uncopyable);
  if (against.length === 0) {
    return {
      mode: 'replace',
      reason: asked === 'replace' ? 'asked for' : 'a new database can be made and swapped in',
    };
  }
  if (asked === 'auto') return { mode: 'in-place', reason: `replace is not possible: ${against.join('; ')}` };
  throw new SyncError(
    'TARGET_PRIVILEGE',
    `Mode replace is not possible on "${facts.name}": ${against.join('; ')}.`,
    against.length === facts.holders.length
      ? {
          hint: 'End what holds on to the database (pg_drop_replication_slot, DROP SUBSCRIPTION, COMMIT PREPARED …), or choose --mode in-place.',
        }
      : {},
  );
}

async function uncopyableSettings(facts: TargetFacts, maintenance: Queryable): Promise<readonly string[]> {
  const rows = await maintenance.query<{ setting: string }>(sqlForServer(uncopyableSql, facts.versionNum), [
    facts.name,
  ]);
  return rows.map(({ setting }) => setting);
}

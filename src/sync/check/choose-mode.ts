import { sqlForServer } from '../../catalog/sql-for-server.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { sqlFile } from '../../lib/sql-file.ts';
import { isServersOwn, refuseReplace } from '../../plan/belongs-to-others.ts';
import type { TargetRights } from '../../plan/target-rights.ts';
import type { Queryable } from '../../postgres/session.ts';
import type { ImportMode } from '../contract/inputs.ts';
import type { TargetFacts } from '../ends/target-facts.ts';
import { targetSessions } from '../ends/target-facts.ts';
import type { ModeChoice } from '../contract/import-run.ts';

const uncopyableSql = sqlFile(import.meta.url, './uncopyable-settings.sql');

export interface ModeOptions {
  readonly signal: AbortSignal;
  /** Whether a new database gets the settings of the old one. */
  readonly keepsSettings: boolean;
  readonly rights: TargetRights;
  /** What in the target a new database would lose for good (belongs-to-others.ts). */
  readonly others: readonly string[];
  /**
   * Extensions of the run that may be made in no other database of the server, with the reason (bound-extensions.ts).
   */
  readonly bound: ReadonlyMap<string, string>;
  /** The schemas that the run is about; null for the whole database. */
  readonly schemas: readonly string[] | null;
  /** Why this role could not connect to a new database (shut-out.ts). */
  readonly shutOut: string | null;
}

/**
 * Reasons against making a new database and renaming it, apart from who is connected; empty if there are none. Pure.
 */
function obstacles(
  facts: TargetFacts,
  maintenance: boolean,
  uncopyable: readonly string[],
): readonly string[] {
  return [
    ...(maintenance ? [] : ['this role may connect to neither "postgres" nor "template1"']),
    ...(facts.createsDatabases ? [] : ['this role may not create databases (CREATEDB)']),
    ...(facts.owns || facts.superuser ? [] : [`this role does not own the database (${facts.owner} does)`]),
    ...(uncopyable.length === 0
      ? []
      : [`this role may not give a new database the ${uncopyable.join(', ')} of this one`]),
    ...facts.holders.map((holder) => `${holder} holds on to this database`),
  ];
}

/**
 * Chooses how the target is replaced. `auto` takes `replace` if nothing is against it, else `in-place`. Passing
 * obstacles (sessions, slots, prepared transactions) do not count, so that the choice is the same tomorrow.
 * TARGET_PRIVILEGE when `replace` was asked for and cannot be, or would lose what others own. TARGET_UNSUPPORTED
 * while the target receives rows.
 */
export async function chooseMode(
  facts: TargetFacts,
  maintenance: Queryable | null,
  asked: ImportMode,
  options: ModeOptions,
): Promise<ModeChoice> {
  if (facts.fedBy.length > 0) {
    throw new SyncError(
      'TARGET_UNSUPPORTED',
      `Rows come into "${facts.name}" through ${facts.fedBy.length} enabled subscription(s): ` +
        `${facts.fedBy.join(', ')}. They would mix with what is loaded.`,
      {
        details: { subscriptions: facts.fedBy },
        hint: 'Disable them first (ALTER SUBSCRIPTION … DISABLE), or choose another target.',
      },
    );
  }
  switch (asked) {
    case 'in-place':
    case 'switch':
    case 'merge':
      return { mode: asked, reason: 'asked for', inTheWay: null };
    case 'replace':
    case 'auto':
      return replaceOrInPlace(facts, maintenance, asked, options);
    default:
      return asked satisfies never;
  }
}

/** Whether a new database can take the place of this one. */
async function replaceOrInPlace(
  facts: TargetFacts,
  maintenance: Queryable | null,
  asked: 'replace' | 'auto',
  options: ModeOptions,
): Promise<ModeChoice> {
  options.signal.throwIfAborted();
  const { others, rights, bound, schemas, shutOut } = options;
  if (schemas !== null) {
    const reason =
      `the run is about schema ${schemas.join(', ')} alone, and a new database would take the place of all ` +
      'the others';
    if (asked === 'replace') throw refuseLimited(facts.name, reason);
    return { mode: 'in-place', reason: `replace is not possible: ${reason}`, inTheWay: null };
  }
  const serversOwn = isServersOwn(facts.name);
  if (asked === 'replace' && (serversOwn || others.length > 0))
    throw refuseReplace(facts.name, rights.role, others);
  const uncopyable =
    maintenance === null || !options.keepsSettings ? [] : await uncopyableSettings(facts, maintenance);
  const against = [
    ...(serversOwn ? ['it is a database of the server itself'] : []),
    ...(others.length === 0
      ? []
      : [`a new database would lose what others own or only a superuser can make (${others.join(', ')})`]),
    ...obstacles(facts, maintenance !== null, uncopyable),
    ...(shutOut === null ? [] : [shutOut]),
    ...[...bound].map(
      ([name, reason]) => `extension ${name} may not be made in a database beside it (${reason})`,
    ),
  ];
  if (against.length === 0) {
    return {
      mode: 'replace',
      reason: asked === 'replace' ? 'asked for' : 'a new database can be made and swapped in',
      inTheWay: maintenance === null ? null : await presentObstacles(facts, maintenance),
    };
  }
  if (asked === 'auto')
    return { mode: 'in-place', reason: `replace is not possible: ${against.join('; ')}`, inTheWay: null };
  throw new SyncError(
    'TARGET_PRIVILEGE',
    `Mode replace is not possible on "${facts.name}": ${against.join('; ')}.`,
    against.length === facts.holders.length
      ? {
          hint:
            'End what holds on to the database (DROP SUBSCRIPTION, SECURITY LABEL … ' +
            'IS NULL), or choose --mode in-place.',
        }
      : against.length === bound.size
        ? { hint: 'Choose --mode in-place, or leave the extension out (--leave-out, by its name).' }
        : shutOut !== null && against.length === 1
          ? {
              hint: 'Let the role into all databases in pg_hba.conf (or the pooler’s list), or choose --mode in-place.',
            }
          : {},
  );
}

function refuseLimited(name: string, reason: string): SyncError {
  return new SyncError('TARGET_PRIVILEGE', `Mode replace is not possible on "${name}": ${reason}.`, {
    hint: 'Choose --mode in-place, or the whole database (NAME_DATABASE_SCHEMAS="*").',
  });
}

/** CONFLICT_TARGET_IN_USE with the passing obstacles that would stop the switch now. */
async function presentObstacles(facts: TargetFacts, maintenance: Queryable): Promise<SyncError | null> {
  const stuck = (await targetSessions(maintenance, facts.name, {}))
    .filter(({ endable }) => !endable)
    .map(({ pid, role }) => `pid ${pid} (${role})`);
  const present = [
    ...(stuck.length === 0
      ? []
      : [`this role may not end the session(s) ${stuck.join(', ')} (pg_signal_backend)`]),
    ...facts.inTheWay.map((holder) => `${holder} holds on to this database`),
  ];
  if (present.length === 0) return null;
  return new SyncError(
    'CONFLICT_TARGET_IN_USE',
    `"${facts.name}" cannot be switched while ${present.join('; ')}.`,
    {
      details: { sessions: stuck, holders: facts.inTheWay },
      hint:
        'End them (close the sessions or grant pg_signal_backend; pg_drop_replication_slot, COMMIT PREPARED ' +
        '…), or choose --mode in-place.',
    },
  );
}

async function uncopyableSettings(facts: TargetFacts, maintenance: Queryable): Promise<readonly string[]> {
  const rows = await maintenance.query<{ setting: string }>(sqlForServer(uncopyableSql, facts.versionNum), [
    facts.name,
  ]);
  return rows.map(({ setting }) => setting);
}

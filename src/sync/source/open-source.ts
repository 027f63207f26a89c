import { readCatalog } from '../../catalog/read-catalog.ts';
import type { CatalogModel } from '../../catalog/model.ts';
import type { Masking } from '../../environments/masking.ts';
import type { Environment } from '../../environments/environment.ts';
import { largeObjectPolicy, policyFor } from '../../environments/table-policy.ts';
import type { TablePolicyRule } from '../../environments/table-policy.ts';
import { SyncError } from '../../errors/sync-error.ts';
import type { Secret } from '../../lib/secret.ts';
import { sqlFile } from '../../lib/sql-file.ts';
import { maskKeySetting } from '../../masks/mask-key.ts';
import type { Database } from '../../postgres/database.ts';
import { keepWatch } from '../../postgres/keep-watch.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import { refuseTransactionPooler } from '../../postgres/pooler.ts';
import type { Session } from '../../postgres/session.ts';
import { unreadableLargeObjects } from '../../postgres/large-objects/properties.ts';
import { exportSnapshot } from '../../postgres/snapshot.ts';
import type { Snapshot } from '../../postgres/snapshot.ts';
import { databaseError, serverFact } from '../../postgres/sqlstate.ts';
import { judgeLocks, locksOfReading } from '../capacity/locks.ts';
import { sessionsOfReading } from '../capacity/sessions-needed.ts';
import { checkSessions, rehearseSessions } from '../capacity/sessions.ts';
import type { Inspection } from '../contract/run.ts';
import { sourceEnd } from '../ends/connect.ts';
import { checkTried } from '../ends/tried-servers.ts';
import { maskSource } from '../masking/mask-source.ts';
import type { MaskedSource } from '../masking/mask-source.ts';
import { lockRelations } from './lock-relations.ts';

const relationsSql = sqlFile(import.meta.url, './relations.sql');
const snapshotAttempts = 5;

export interface OpenSourceInput {
  readonly environment: Environment;
  /** Tables of policy `exclude` are neither locked nor required to be readable. */
  readonly policies: readonly TablePolicyRule[];
  /** Whether passwords and connection strings are read. */
  readonly secrets: boolean;
  /** False: everything lies in the database's own tablespace. */
  readonly tablespaces: boolean;
  readonly workers: number;
  /**
   * What becomes of its rows on the way; null where they are read as they are, for what stays the environment's own
   * (a safety copy).
   */
  readonly masking: Masking | null;
  /** True if nothing of it will be made anywhere else. */
  readonly onlyCompared?: boolean;
}

/** A database seen at one moment. `close` ends every session; the snapshot is gone then. */
export interface OpenSource extends AsyncDisposable {
  readonly database: Database;
  readonly leader: Session;
  readonly snapshot: Snapshot;
  /** Its tables know how they are read. */
  readonly model: CatalogModel;
  /** Null where everything is read as it is. */
  readonly masked: MaskedSource | null;
  /** Size of the whole database with its indexes, bytes. */
  readonly databaseBytes: number;
  readonly serverStartedAt: string;
  /** The server is a standby. */
  readonly inRecovery: boolean;
  /** A sentence for each thing that may stop the reading later. */
  readonly notes: readonly string[];
  /** The signal for all reading: it fires with the caller's signal, and when the snapshot or its locks are lost. */
  readonly signal: AbortSignal;
  /**
   * Proves that the snapshot and its locks have been held until now. SOURCE_SNAPSHOT_LOST: what was read cannot be
   * trusted.
   */
  readonly prove: () => Promise<void>;
}

/** What is read of a database. */
type Readable = Pick<OpenSourceInput, 'environment' | 'policies'>;

interface Relation {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly partitioned: boolean;
  readonly readable: boolean;
  readonly rows_hidden: boolean;
}

/**
 * Opens a snapshot of a database and reads its catalogue, with every table locked ACCESS SHARE before the snapshot is
 * taken: a rewrite (ALTER COLUMN TYPE, TRUNCATE …) that commits between the two would leave the snapshot an empty
 * table, and deparsing functions read the present catalogue rather than the snapshot's. Only reads. Use its `signal`;
 * call `prove` before anybody relies on what was read. Errors: SOURCE_UNAVAILABLE, AUTH_DATABASE, CONFIG_POOLER,
 * SOURCE_SERVER_UNTRIED, SOURCE_SESSIONS_LIMIT, SOURCE_LOCKS_FULL, SOURCE_LOCK_TIMEOUT, SOURCE_NOT_READABLE,
 * SOURCE_ROWS_HIDDEN.
 */
export async function openSource(run: Inspection, input: OpenSourceInput): Promise<OpenSource> {
  const options = { signal: run.signal };
  // The readers, the leader of the snapshot, and the guard that holds the locks.
  const connections = input.workers + 2;
  const database = run.connect(sourceEnd(input.environment), {
    access: 'read',
    connections,
    secrets: secretsOf(input.masking),
  });
  const sessions: Session[] = [];
  const lost = new AbortController();
  let unwatch = (): void => {};
  const close = async (): Promise<void> => {
    unwatch();
    for (const session of sessions.toReversed()) await endTransaction(session);
    await database.close();
  };
  try {
    await refuseTransactionPooler(database, options);
    const guard = await database.connect(options);
    sessions.push(guard);
    const { untriedServers } = run.config.sync;
    await checkTried(guard, { ...input, side: 'source', untriedServers }, options);
    const notes = [
      ...(await refuseFewSessions(database, guard, input, options)),
      ...(await refuseManyLocks(guard, input, options)),
    ];
    const leader = await database.connect(options);
    sessions.push(leader);
    const snapshot = await lockThenSnapshot(guard, leader, input, options);
    const { name } = input.environment;
    unwatch = keepWatch([guard, leader], (error) => lost.abort(snapshotLost(name, error)));
    if (isWhole(input) && largeObjectPolicy(input.policies) === 'sync')
      await refuseUnreadableObjects(leader, options);
    const catalog = await readCatalog(
      leader,
      {
        madeAgain: input.onlyCompared === true ? undefined : input.environment,
        secrets: input.secrets,
        tablespaces: input.tablespaces,
        excluded: (schema, name) => policyFor(input.policies, schema, name) === 'exclude',
        schemas: input.environment.schemas,
      },
      options,
    );
    const masking = { masking: input.masking, name };
    const { model, masked } = await maskSource(leader, catalog, masking, options);
    const [facts] = await leader.query<{ bytes: string; started_at: string; in_recovery: boolean }>(
      'SELECT pg_catalog.pg_database_size(pg_catalog.current_database())::text AS bytes, ' +
        'pg_catalog.pg_postmaster_start_time()::text AS started_at, pg_catalog.pg_is_in_recovery() AS ' +
        'in_recovery',
      [],
      options,
    );
    return {
      database,
      leader,
      snapshot,
      model,
      masked,
      databaseBytes: Number(facts?.bytes ?? 0),
      serverStartedAt: facts?.started_at ?? '',
      inRecovery: facts?.in_recovery === true,
      notes,
      signal: AbortSignal.any([options.signal, lost.signal]),
      prove: async () => {
        // In the transactions that took them: an answer says that they were held all the time.
        for (const session of [guard, leader])
          await session.query('SELECT 1').catch((error: unknown) => {
            throw snapshotLost(name, error);
          });
      },
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw databaseError(error, 'source', `Reading the catalogue of "${input.environment.name}"`);
  }
}

function secretsOf(masking: Masking | null): ReadonlyMap<string, Secret> | undefined {
  const key = masking?.key ?? null;
  return key === null ? undefined : new Map([[maskKeySetting, key]]);
}

function snapshotLost(name: string, error: unknown): SyncError {
  return new SyncError(
    'SOURCE_SNAPSHOT_LOST',
    `The session that held the snapshot of "${name}", or the one that held the locks on its tables, was ` +
      `closed from outside (${serverFact(error)}), so what is read now could be from another moment.`,
    { cause: error },
  );
}

/** Locks all tables, takes the snapshot, and starts again if the snapshot shows other tables than were locked. */
async function lockThenSnapshot(
  guard: Session,
  leader: Session,
  input: OpenSourceInput,
  options: { readonly signal: AbortSignal },
): Promise<Snapshot> {
  for (let attempt = 1; attempt <= snapshotAttempts; attempt += 1) {
    await guard.execute('BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED, READ ONLY', options);
    const locked = await lockTables(guard, input, options);
    const snapshot = await exportSnapshot(leader, options);
    const seen = await relationsOf(leader, input, options);
    if (JSON.stringify(seen) === JSON.stringify(locked)) return snapshot;
    await leader.execute('ROLLBACK', options);
    await guard.execute('ROLLBACK', options);
  }
  throw new SyncError(
    'SOURCE_LOCK_TIMEOUT',
    `Tables of "${input.environment.name}" come and go faster than they can be locked.`,
  );
}

/** Before the readers are opened one by one, perhaps hours later for the last. SOURCE_SESSIONS_LIMIT. */
async function refuseFewSessions(
  database: Database,
  guard: Session,
  { environment: { name }, workers }: OpenSourceInput,
  options: { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const needed = sessionsOfReading(workers);
  const run = { name, side: 'source', workers } as const;
  const notes = await checkSessions(database, guard, { ...run, needed, own: null }, options);
  if (database.throughPooler)
    await rehearseSessions(database, { ...run, count: needed.inDatabase - 1 }, options);
  return notes;
}

/**
 * Before one of them is taken: a full table of locks fails everybody's statements on that server. SOURCE_LOCKS_FULL.
 */
async function refuseManyLocks(
  session: Session,
  input: OpenSourceInput,
  options: { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const tables = await relationsOf(session, input, options);
  const { room, locks } = await locksOfReading(session, tables, options);
  const what = `Reading "${input.environment.name}" (${tables.length} tables and their indexes)`;
  return judgeLocks(room, { side: 'source', what, locks, otherwise: 'exclude tables' });
}

/**
 * Whether a safety copy of the whole database can be written, without reading it: SOURCE_NOT_READABLE,
 * SOURCE_ROWS_HIDDEN, TARGET_LOCKS_FULL. Returns a sentence for each limit that is nearly reached.
 */
export async function checkReadable(
  session: Session,
  environment: Environment,
  options: { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const whole = { environment, policies: [] };
  const tables = await readableRelations(session, whole, options);
  if (isWhole(whole)) await refuseUnreadableObjects(session, options);
  const { room, locks } = await locksOfReading(session, tables, options);
  return judgeLocks(room, {
    side: 'target',
    what: `The safety copy of "${environment.name}" (${tables.length} tables and their indexes)`,
    locks,
    otherwise: 'rely on the kept database alone (--backup kept)',
  });
}

async function lockTables(
  guard: Session,
  input: OpenSourceInput,
  options: { readonly signal: AbortSignal },
): Promise<readonly Relation[]> {
  const relations = await readableRelations(guard, input, options);
  await lockRelations(
    guard,
    relations.map(({ schema, name }) => qualifiedName(schema, name)),
    options,
  );
  return relations;
}

async function readableRelations(
  session: Session,
  input: Readable,
  options: { readonly signal: AbortSignal },
): Promise<readonly Relation[]> {
  const relations = await relationsOf(session, input, options);
  refuse(
    relations.filter(({ readable }) => !readable),
    'SOURCE_NOT_READABLE',
    'This role may not read',
  );
  const rowsRead = relations.filter(
    ({ schema, name, partitioned }) => !partitioned && policyFor(input.policies, schema, name) === 'sync',
  );
  refuse(
    rowsRead.filter(({ rows_hidden }) => rows_hidden),
    'SOURCE_ROWS_HIDDEN',
    'Row-level security hides rows from this role in',
  );
  return relations;
}

async function relationsOf(
  session: Session,
  input: Readable,
  options: { readonly signal: AbortSignal },
): Promise<readonly Relation[]> {
  const relations = await session.query<Relation>(relationsSql, [], options);
  return relations.filter(
    ({ schema, name }) =>
      input.environment.schemas?.includes(schema) !== false &&
      policyFor(input.policies, schema, name) !== 'exclude',
  );
}

/** Large objects lie in no schema. */
function isWhole({ environment: { schemas } }: Readable): boolean {
  return schemas === null || schemas === undefined;
}

function refuse(
  relations: readonly Relation[],
  code: 'SOURCE_NOT_READABLE' | 'SOURCE_ROWS_HIDDEN',
  what: string,
): void {
  if (relations.length === 0) return;
  const names = relations.map(({ schema, name }) => qualifiedName(schema, name));
  throw new SyncError(code, `${what} ${names.length} table(s): ${names.join(', ')}.`, {
    details: { tables: names },
  });
}

async function refuseUnreadableObjects(
  leader: Session,
  options: { readonly signal: AbortSignal },
): Promise<void> {
  const { count, oids } = await unreadableLargeObjects(leader, options);
  if (count === 0) return;
  const more = count > oids.length ? ' …' : '';
  throw new SyncError(
    'SOURCE_NOT_READABLE',
    `This role may not read ${count} large object(s): ${oids.join(', ')}${more}.`,
    {
      details: { largeObjects: oids.map(String) },
      hint: 'GRANT SELECT ON LARGE OBJECT … to the role, use their owner or a superuser, or leave large objects out with the policy "exclude" for pg_catalog.pg_largeobject.',
    },
  );
}

async function endTransaction(session: Session): Promise<void> {
  await session.rollback();
  await session.release();
}

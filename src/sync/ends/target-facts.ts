import { SyncError } from '../../errors/sync-error.ts';
import { sqlFile } from '../../lib/sql-file.ts';
import type { CallOptions, Queryable } from '../../postgres/session.ts';

const targetFactsSql = sqlFile(import.meta.url, './target-facts.sql');
const sessionsSql = sqlFile(import.meta.url, './sessions.sql');

export interface TargetFacts {
  readonly oid: string;
  readonly name: string;
  readonly owner: string;
  readonly allowsConnections: boolean;
  readonly isTemplate: boolean;
  readonly connectionLimit: number;
  readonly encoding: string;
  readonly tablespace: string;
  readonly comment: string | null;
  /** Whole size on disk, bytes. */
  readonly bytes: number;
  readonly superuser: boolean;
  readonly createsDatabases: boolean;
  readonly owns: boolean;
  /** Null where the role may not ask. */
  readonly systemIdentifier: string | null;
  /** When the server started, to the microsecond: this tells servers apart too, until their next start. */
  readonly serverStartedAt: string;
  /** The server is a standby: it shows what its primary has. */
  readonly inRecovery: boolean;
  readonly versionNum: number;
  readonly version: string;
  /**
   * What is bound to this very database for good, so that it cannot be renamed: subscriptions, labels.
   */
  readonly holders: readonly string[];
  /** What is bound to it at the moment: replication slots, prepared transactions. */
  readonly inTheWay: readonly string[];
  /** Names of enabled subscriptions: rows come into this database from elsewhere. */
  readonly fedBy: readonly string[];
}

export interface TargetSession {
  readonly pid: number;
  readonly role: string;
  readonly application: string;
  readonly endable: boolean;
}

interface FactsRow {
  readonly oid: string;
  readonly name: string;
  readonly owner: string;
  readonly allows_connections: boolean;
  readonly is_template: boolean;
  readonly connection_limit: number;
  readonly encoding: string;
  readonly tablespace: string;
  readonly comment: string | null;
  readonly bytes: string;
  readonly superuser: boolean;
  readonly creates_databases: boolean;
  readonly owns: boolean;
  readonly server_started_at: string;
  readonly in_recovery: boolean;
  readonly version_num: number;
  readonly version: string;
  readonly holders: readonly string[];
  readonly in_the_way: readonly string[];
  readonly fed_by: readonly string[];
}

/** Facts of a database by name; null when there is none. */
export async function findDatabase(
  session: Queryable,
  name: string,
  options: CallOptions,
): Promise<TargetFacts | null> {
  const [row] = await session.query<FactsRow>(targetFactsSql, [name], options);
  if (row === undefined) return null;
  return {
    oid: row.oid,
    name: row.name,
    owner: row.owner,
    allowsConnections: row.allows_connections,
    isTemplate: row.is_template,
    connectionLimit: row.connection_limit,
    encoding: row.encoding,
    tablespace: row.tablespace,
    comment: row.comment,
    bytes: Number(row.bytes),
    superuser: row.superuser,
    createsDatabases: row.creates_databases,
    owns: row.owns,
    systemIdentifier: await systemIdentifier(session, options),
    serverStartedAt: row.server_started_at,
    inRecovery: row.in_recovery,
    versionNum: row.version_num,
    version: row.version,
    holders: row.holders,
    inTheWay: row.in_the_way,
    fedBy: row.fed_by,
  };
}

/**
 * Tells this database from every other: by the server's identifier, if the role may read it, and by the database's
 * OID.
 */
export function databaseIdentity({ systemIdentifier: server, oid }: TargetFacts): string {
  return `${server ?? 'unknown'}/${oid}`;
}

/**
 * A provider may have revoked this right, and the server checks it before it runs the query, so we ask for the right
 * first.
 */
async function systemIdentifier(session: Queryable, options: CallOptions): Promise<string | null> {
  const [allowed] = await session.query<{ may: boolean }>(
    "SELECT pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE') AS may",
    [],
    options,
  );
  if (allowed?.may !== true) return null;
  const [row] = await session.query<{ identifier: string }>(
    'SELECT system_identifier::text AS identifier FROM pg_catalog.pg_control_system()',
    [],
    options,
  );
  return row?.identifier ?? null;
}

/**
 * As `targetFacts`, of the database that this session is in. A pooler may lead from one name to another database, and
 * what is asked, locked and renamed by name would then be a third one. CONFIG_INVALID.
 */
export async function connectedFacts(
  session: Queryable,
  name: string,
  options: CallOptions,
): Promise<TargetFacts> {
  const [row] = await session.query<{ name: string }>(
    'SELECT pg_catalog.current_database()::text AS name',
    [],
    options,
  );
  if (row?.name === name) return targetFacts(session, name, options);
  throw new SyncError(
    'CONFIG_INVALID',
    `The address names the database "${name}" and leads to "${row?.name ?? ''}": what stands before the ` +
      'server knows it by another name.',
    { hint: 'Name a target as its server does, or connect without that pooler.' },
  );
}

/** As `findDatabase`; TARGET_UNAVAILABLE when the database does not exist. */
export async function targetFacts(
  session: Queryable,
  name: string,
  options: CallOptions,
): Promise<TargetFacts> {
  const facts = await findDatabase(session, name, options);
  if (facts === null)
    throw new SyncError('TARGET_UNAVAILABLE', `The target database "${name}" does not exist.`);
  return facts;
}

export async function targetSessions(
  session: Queryable,
  name: string,
  options: CallOptions,
): Promise<readonly TargetSession[]> {
  return session.query<TargetSession>(sessionsSql, [name], options);
}

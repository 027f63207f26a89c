import { readCatalog } from '../../catalog/read-catalog.ts';
import type { CatalogModel } from '../../catalog/model.ts';
import type { Environment } from '../../environments/environment.ts';
import { policyFor } from '../../environments/table-policy.ts';
import type { TablePolicyRule } from '../../environments/table-policy.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { sqlFile } from '../../lib/sql-file.ts';
import { Database } from '../../postgres/database.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import { refuseTransactionPooler } from '../../postgres/pooler.ts';
import type { Session } from '../../postgres/session.ts';
import { exportSnapshot } from '../../postgres/snapshot.ts';
import type { Snapshot } from '../../postgres/snapshot.ts';
import { databaseError } from '../../postgres/sqlstate.ts';

const relationsSql = sqlFile(import.meta.url, './relations.sql');
/** Tables per LOCK statement: a few ten thousand bytes of SQL. */
const lockBatch = 250;

export interface OpenSourceInput {
  readonly environment: Environment;
  readonly jobId: string;
  /** Tables of policy `exclude` are neither locked nor required to be readable. */
  readonly policies: readonly TablePolicyRule[];
  readonly workers: number;
}

/** A database seen at one moment. `close` ends every session; the snapshot is gone then. */
export interface OpenSource extends AsyncDisposable {
  readonly database: Database;
  readonly leader: Session;
  readonly snapshot: Snapshot;
  readonly model: CatalogModel;
  /** Size of the whole database with its indexes, bytes. */
  readonly databaseBytes: number;
}

interface Relation {
  readonly schema: string;
  readonly name: string;
  readonly partitioned: boolean;
  readonly readable: boolean;
  readonly rows_hidden: boolean;
}

/**
 * Opens a snapshot of a database and reads its catalogue: tables are locked ACCESS SHARE first, because deparsing
 * functions read the present catalogue rather than the snapshot's. Only reads.
 * Errors: SOURCE_UNAVAILABLE, AUTH_DATABASE, CONFIG_POOLER, SOURCE_LOCK_TIMEOUT, SOURCE_NOT_READABLE, SOURCE_ROWS_HIDDEN.
 */
export async function openSource(
  input: OpenSourceInput,
  options: { readonly signal: AbortSignal },
): Promise<OpenSource> {
  const database = new Database({
    url: input.environment.database,
    purpose: 'source',
    applicationName: `multiboard-sync ${input.jobId}`,
    connectionsMax: input.workers + 1,
  });
  let leader: Session | null = null;
  try {
    await refuseTransactionPooler(database, options);
    leader = await database.connect(options);
    const snapshot = await exportSnapshot(leader, options);
    await lockTables(leader, input, options);
    const model = await readCatalog(leader, {}, options);
    const [size] = await leader.query<{ bytes: string }>(
      'SELECT pg_catalog.pg_database_size(pg_catalog.current_database())::text AS bytes',
      [],
      options,
    );
    const session = leader;
    const close = async (): Promise<void> => {
      await endTransaction(session);
      await database.close();
    };
    return {
      database,
      leader,
      snapshot,
      model,
      databaseBytes: Number(size?.bytes ?? 0),
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    if (leader !== null) await endTransaction(leader);
    await database.close();
    throw databaseError(error, 'source', `Reading the catalogue of "${input.environment.name}"`);
  }
}

async function lockTables(
  leader: Session,
  input: OpenSourceInput,
  options: { readonly signal: AbortSignal },
): Promise<void> {
  const relations = (await leader.query<Relation>(relationsSql, [], options)).filter(
    ({ schema, name }) => policyFor(input.policies, schema, name) !== 'exclude',
  );
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
  for (let from = 0; from < relations.length; from += lockBatch) {
    const names = relations
      .slice(from, from + lockBatch)
      .map(({ schema, name }) => qualifiedName(schema, name));
    await leader.execute(`LOCK TABLE ONLY ${names.join(', ONLY ')} IN ACCESS SHARE MODE`, options);
  }
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

async function endTransaction(session: Session): Promise<void> {
  try {
    if (!session.broken) await session.execute('ROLLBACK');
  } catch {
    // The connection is gone, and the transaction with it.
    session.cut();
  }
  await session.release();
}

import type { DefusalFile } from '../../environments/defusal.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { tableName } from '../../lib/table-name.ts';
import { quoteIdentifier } from '../../postgres/identifiers.ts';
import type { CallOptions, Session } from '../../postgres/session.ts';
import { serverFact } from '../../postgres/sqlstate.ts';
import type { Defused } from '../contract/receipts.ts';
import { defusalStatements } from '../ends/defusal-statements.ts';

export interface DefusalInput {
  readonly files: readonly DefusalFile[];
  /** Where its plain names are found. */
  readonly schema: string;
}

interface Counts {
  readonly schema: string;
  readonly name: string;
  readonly inserted: string;
  readonly updated: string;
  readonly deleted: string;
}

/**
 * Runs the files in one transaction, or in the one that the session is in, and counts what they did: for each
 * statement, and for each table with what triggers and cascades did. TARGET_DEFUSAL_FAILED names file and line; what
 * was done until then goes with the new data.
 */
export async function defuse(
  session: Session,
  { files, schema }: DefusalInput,
  options: CallOptions,
): Promise<Defused> {
  const statements = await defusalStatements(files);
  const own = !session.inTransaction;
  if (own) await session.execute('BEGIN', options);
  await session.execute(`SET LOCAL search_path TO ${quoteIdentifier(schema)}`, options);
  const before = await countsOf(session, options);
  const done: Defused['statements'][number][] = [];
  for (const { file, line, command, text } of statements) {
    const tag = await session.executeBytes(text, options).catch((error: unknown) => {
      throw failed(session, options, error, `${file}:${line} (${command})`);
    });
    const rows = /^(?:INSERT \d+|UPDATE|DELETE|MERGE) (\d+)$/.exec(tag ?? '')?.[1];
    done.push({ file, line, command, rows: rows === undefined ? null : Number(rows) });
  }
  await session.execute('SET CONSTRAINTS ALL IMMEDIATE', options).catch((error: unknown) => {
    throw failed(session, options, error, 'What the statements left to be checked at the end');
  });
  const tables = changesBetween(before, await countsOf(session, options));
  await session.execute("SET LOCAL search_path TO ''", options);
  if (own) await session.execute('COMMIT', options);
  return { files: files.map(({ name, sha256 }) => ({ name, sha256 })), statements: done, tables };
}

function failed(session: Session, { signal }: CallOptions, error: unknown, what: string): unknown {
  signal?.throwIfAborted();
  if (session.broken) return error;
  return new SyncError(
    'TARGET_DEFUSAL_FAILED',
    `${what} failed: ${serverFact(error)}. Nothing was changed.`,
    {
      cause: error,
    },
  );
}

/** Rows that this transaction has changed so far. */
function countsOf(session: Session, options: CallOptions): Promise<readonly Counts[]> {
  return session.query<Counts>(
    `SELECT schemaname AS schema, relname AS name, n_tup_ins::text AS inserted, n_tup_upd::text AS updated,
  n_tup_del::text AS deleted
FROM pg_catalog.pg_stat_xact_user_tables ORDER BY schemaname COLLATE "C", relname COLLATE "C"`,
    [],
    options,
  );
}

function changesBetween(before: readonly Counts[], after: readonly Counts[]): Defused['tables'] {
  const known = new Map(before.map((counts) => [tableName(counts), counts]));
  return after.flatMap((counts) => {
    const table = tableName(counts);
    const was = known.get(table);
    // A TRUNCATE takes what was counted before it back.
    const since = (of: 'inserted' | 'updated' | 'deleted'): number =>
      Math.max(0, Number(counts[of]) - Number(was?.[of] ?? 0));
    const change = {
      table,
      inserted: since('inserted'),
      updated: since('updated'),
      deleted: since('deleted'),
    };
    return change.inserted + change.updated + change.deleted === 0 ? [] : [change];
  });
}

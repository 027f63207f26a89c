import { Readable } from 'node:stream';
import { SyncError } from '../../errors/sync-error.ts';
import { copyIn } from '../../postgres/copy.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError, sqlState } from '../../postgres/sqlstate.ts';
import type { Reporter } from '../../progress/progress.ts';
import { countSkipped } from '../../plain-dump/rules/judgement.ts';
import type { ForeignOptions } from '../../plain-dump/rules/judgement.ts';
import { refused } from '../../plain-dump/dump-state.ts';
import { readForeignDump } from '../../plain-dump/read.ts';
import type { ForeignItem } from '../../plain-dump/read.ts';

export interface RunForeignOptions extends ForeignOptions {
  readonly signal: AbortSignal;
  readonly report: Pick<Reporter, 'itemAdvanced' | 'itemDone'>;
  /**
   * The caller has opened a transaction on the session and will end it: the file's own BEGIN and COMMIT (around large
   * objects) are passed over. Without it each statement is a transaction, as with psql.
   */
  readonly inTransaction?: boolean | undefined;
  /** Of the inspection of the same file; where it has none, a file with such statements is refused. */
  readonly long?: ReadonlyMap<number, number> | undefined;
}

export interface ForeignResult {
  /** Run on the server. */
  readonly statements: number;
  /** As the server counted them, by COPY and INSERT. */
  readonly rows: number;
  /** Statements that the options left out, by kind. */
  readonly skipped: Readonly<Record<string, number>>;
}

type Runnable = Extract<ForeignItem, { readonly type: 'statement' | 'copy' | 'long' }>;

/**
 * Rows of the file must not reach another server, whatever way they take to a foreign table: a partition, a view, a
 * name that a search path finds. Servers since August 2024 (13.16, 14.13, 15.8, 16.4, 17) refuse any use of one under
 * this setting; on older ones only the table's name as written tells (dump-state.ts). A materialized view may read
 * one, as in psql.
 */
const foreignTables = (kinds: string): string =>
  `SELECT pg_catalog.set_config(s.name, '${kinds}', false) FROM pg_catalog.pg_settings AS s WHERE s.name = 'restrict_nonsystem_relation_kind'`;
const closeForeignTables = foreignTables('foreign-table');
const openForeignTables = foreignTables('');

/** What a new connection would begin with, where psql would make one. */
const asNew =
  'RESET ROLE; SET client_encoding = UTF8; SET standard_conforming_strings = on; SET search_path = DEFAULT';

/**
 * Runs a plain dump in order on one session of a fresh database and stops at the first thing that fails; rows of a COPY
 * that failed are never read as SQL. What was run before stays, unless `inTransaction`: throw the database away then.
 * The dump's settings stay on the session, which is therefore closed instead of reused when released.
 * Abort: the running statement is cancelled, and the session is done for. Memory: some chunks and one statement.
 * Errors: STORAGE_DUMP_FOREIGN, _ENCODING, _INCOMPLETE, _DAMAGED (see `inspectForeignDump`), TARGET_COPY_FAILED,
 * TARGET_STATEMENT_FAILED, TARGET_PRIVILEGE, TARGET_ROLE_MISSING, TARGET_EXTENSION_MISSING, TARGET_DISK_FULL,
 * TARGET_UNAVAILABLE; each names line and statement, never a row's value.
 */
export async function runForeignDump(
  session: Session,
  source: AsyncIterable<Buffer>,
  options: RunForeignOptions,
): Promise<ForeignResult> {
  session.retire();
  await session.execute(closeForeignTables, options);
  // As psql would begin: names without a schema, where a file has them, mean the database's usual one.
  await session.execute('SET search_path = DEFAULT', options);
  const skipped: Record<string, number> = {};
  let statements = 0;
  let rows = 0;
  let table: string | undefined;
  for await (const item of readForeignDump(source, options)) {
    options.signal.throwIfAborted();
    if (item.type === 'fault') throw item.fault;
    if (item.type === 'end') continue;
    if (item.type === 'connect') {
      await session.execute(asNew, options);
      continue;
    }
    const { judgement } = item;
    if (judgement.table !== table) {
      if (table !== undefined) options.report.itemDone(table);
      ({ table } = judgement);
    }
    if (judgement.action === 'skip') countSkipped(skipped, judgement.kind);
    else if (!(await isNeedless(session, item, options))) {
      rows += await runItem(session, item, options);
      statements += 1;
    }
  }
  if (table !== undefined) options.report.itemDone(table);
  return { statements, rows, skipped };
}

/** What exists already, or what the caller does. */
async function isNeedless(session: Session, item: Runnable, options: RunForeignOptions): Promise<boolean> {
  const { label } = item.judgement;
  if (label === 'BEGIN' || label === 'COMMIT') return options.inTransaction === true;
  // pg_dump --clean drops and creates it; without the drop it is there from the start.
  if (
    item.type !== 'statement' ||
    label !== 'CREATE SCHEMA public' ||
    !/^create schema public;$/i.test(item.text.toString('latin1'))
  )
    return false;
  const found = await session.query(
    "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = 'public'",
    [],
    options,
  );
  return found.length > 0;
}

/** Returns the rows that came into a table. */
async function runItem(session: Session, item: Runnable, options: RunForeignOptions): Promise<number> {
  const { line, judgement } = item;
  const { label } = judgement;
  try {
    if (item.type === 'copy') return await runCopy(session, item, options);
    if (item.type === 'long') return await runLong(session, item, options);
    const { text } = item;
    // Under row_security = off, which dumps set, a view over a table with forced policies would fail to refresh.
    const isRefresh = label.startsWith('REFRESH');
    if (isRefresh) await session.execute(`SET row_security = on; ${openForeignTables}`, options);
    const tag = await session.executeBytes(judgement.instead ?? text, options);
    if (isRefresh) await session.execute(`SET row_security = off; ${closeForeignTables}`, options);
    // Strings are read on under this setting, whatever the database's own default is.
    if (label === 'RESET ALL')
      await session.execute(`SET standard_conforming_strings = on; ${closeForeignTables}`, options);
    const rows = rowsOf(tag);
    if (judgement.table !== undefined) options.report.itemAdvanced(judgement.table, rows, text.length);
    return rows;
  } catch (error) {
    throw statementError(error, line, label);
  }
}

function rowsOf(tag: string | null): number {
  return Number(/^INSERT 0 (\d+)$/.exec(tag ?? '')?.[1] ?? 0);
}

/** The server wants to know a statement's length before its first byte. */
async function runLong(
  session: Session,
  item: Runnable & { readonly type: 'long' },
  options: RunForeignOptions,
): Promise<number> {
  const length = options.long?.get(item.offset);
  if (length === undefined) {
    throw new SyncError(
      'STORAGE_DUMP_DAMAGED',
      `Line ${item.line}, ${item.judgement.label}: the file has changed since it was inspected.`,
    );
  }
  const { table } = item.judgement;
  const rows = rowsOf(
    await session.executeLong(item.bytes, length, {
      ...options,
      onBytes: (bytes) => {
        if (table !== undefined) options.report.itemAdvanced(table, 0, bytes);
      },
    }),
  );
  if (table !== undefined) options.report.itemAdvanced(table, rows, 0);
  return rows;
}

async function runCopy(
  session: Session,
  item: Runnable & { readonly type: 'copy' },
  options: RunForeignOptions,
): Promise<number> {
  const table = item.judgement.table ?? item.judgement.label;
  let reported = 0;
  const rows = Readable.from(item.rows, { objectMode: false });
  return copyIn(session, item.text, rows, {
    signal: options.signal,
    onBytes: (bytes) => {
      const passed = item.rowCount();
      options.report.itemAdvanced(table, passed - reported, bytes);
      reported = passed;
    },
  });
}

/** program_limit_exceeded, and what the server says where one piece of memory would have to be larger than 1 GB. */
function isBeyondLimits(error: unknown): boolean {
  const state = sqlState(error);
  const { routine } = error as { readonly routine?: string };
  return state === '54000' || (state === 'XX000' && /alloc|SizeFailure/i.test(routine ?? ''));
}

function statementError(error: unknown, line: number, label: string): SyncError {
  if (error instanceof SyncError) return error;
  const what = `Line ${line}, ${label}`;
  const state = sqlState(error);
  const message = error instanceof Error ? error.message : '';
  const details = { line, statement: label, sqlState: state };
  if (isBeyondLimits(error)) {
    return new SyncError(
      'TARGET_STATEMENT_FAILED',
      `${what}: it is larger than the server can take: a row or a value has less than 1 GB, a string in a ` +
        'statement half of that.',
      { cause: error, details },
    );
  }
  if (state === '42601' && !/^(?:CREATE|ALTER|DROP|COMMENT|GRANT|REVOKE)\b/.test(label)) {
    // A syntax error quotes the statement, and so perhaps a row.
    return new SyncError('TARGET_STATEMENT_FAILED', `${what}: the server cannot read it (SQLSTATE 42601).`, {
      cause: error,
      details,
    });
  }
  if (state === '55000' && /foreign table is restricted/.test(message))
    return refused(line, label, 'its rows would go to another server, by way of a foreign table');
  if (state === '22021' || state === '22P05') {
    return new SyncError(
      'STORAGE_DUMP_ENCODING',
      `${what}: it holds bytes that do not fit the encoding it names (SQLSTATE ${state}).`,
      {
        cause: error,
        details,
      },
    );
  }
  const isRole = state === '42704' || (state === '22023' && label.startsWith('SET SESSION AUTHORIZATION'));
  if (isRole && message.startsWith('role ')) {
    return new SyncError('TARGET_ROLE_MISSING', `${what}: ${message}.`, { cause: error, details });
  }
  if (label.startsWith('CREATE EXTENSION') && (state === '0A000' || state === '58P01')) {
    return new SyncError('TARGET_EXTENSION_MISSING', `${what}: the target server does not have it.`, {
      cause: error,
      details,
    });
  }
  return databaseError(error, 'target', what, label.startsWith('COPY') ? 'TARGET_COPY_FAILED' : undefined);
}

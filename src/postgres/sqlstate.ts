import { constants } from 'node:os';
import type { ErrorCode } from '../errors/catalogue.ts';
import { beforeClosing, SyncError } from '../errors/sync-error.ts';
import { networkWords } from '../lib/network/network-words.ts';
import { UnreachableError } from '../lib/network/open-socket.ts';
import { conditions, diskQuota, lockTable, ownFiles, sharedMemory, shutDatabase } from './conditions.ts';
import type { Condition, Side } from './conditions.ts';

/** The fields of a server's error message that we read (PostgreSQL manual, "Error and Notice Message Fields"). */
export interface ServerError {
  readonly code?: string;
  readonly message: string;
  readonly schema?: string;
  readonly table?: string;
  readonly column?: string;
  readonly constraint?: string;
  /** The server's function that raised it. */
  readonly routine?: string;
  /** What was being done: functions of users, a row of a COPY, a parameter; most errors have none. */
  readonly where?: string;
}

/**
 * Classes whose messages speak of object names and conditions only, unless `isSafeMessage` knows better. The text of
 * every other class (22 data exception, 23 constraint violation, P0 raised by a trigger …) may hold values and is not
 * passed on.
 */
const safeMessageClasses = new Set([
  '08',
  '0A',
  '25',
  '26',
  '28',
  '2B',
  '2D',
  '2F',
  '34',
  '3B',
  '3D',
  '3F',
  '40',
  '42',
  '53',
  '54',
  '55',
  '57',
  '58',
  'F0',
]);

/**
 * States that input functions raise too, quoting the value they were given: `'…'::tsquery`, `'…'::regclass` in an index
 * expression, a check or an INSERT. Of these only messages of the parser itself are about the statement.
 */
const statesOfInput = new Set([
  '3D000',
  '3F000',
  '42601',
  '42602',
  '42622',
  '42703',
  '42704',
  '42725',
  '42883',
  '42P01',
  '42P02',
]);

/**
 * The server's functions that read names of tables, columns, functions and operators in a statement, connect, and look
 * for a function in a library.
 */
const routinesOfParser = new Set([
  'InitPostgres',
  'ParseFuncOrColumn',
  'errorMissingColumn',
  'errorMissingRTE',
  'load_external_function',
  'op_error',
  'parserOpenTable',
  'scanner_yyerror',
]);

/**
 * Whether a message is about objects and conditions only. Users' functions pick their codes and words, and whatever has
 * a context may speak of a row or a parameter.
 */
function isSafeMessage({ code, routine, where }: ServerError & { readonly code: string }): boolean {
  if (!safeMessageClasses.has(code.slice(0, 2))) return false;
  if (routine === 'exec_stmt_raise' || (where ?? '') !== '') return false;
  return !statesOfInput.has(code) || routinesOfParser.has(routine ?? '');
}

export function isServerError(
  error: unknown,
): error is Error & Required<Pick<ServerError, 'code'>> & ServerError {
  const { code } = error as { code?: unknown };
  // EPIPE and EPERM have five letters as well.
  if (!(error instanceof Error) || typeof code !== 'string' || code in constants.errno) return false;
  return /^[0-9A-Z]{5}$/.test(code);
}

/** The SQLSTATE of a server's error; null for anything else. */
export function sqlState(error: unknown): string | null {
  return isServerError(error) ? error.code : null;
}

/** pg reports a lost connection with plain Errors; these are their texts (docs/facts/node.md#streams-of-pg). */
function isLostConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: string };
  if (error instanceof UnreachableError || (code !== undefined && code in networkWords)) return true;
  // TLS that breaks in the middle: an alert of the other side, or bytes that somebody on the way has changed.
  if (code !== undefined && /^(?:EPROTO$|ERR_SSL_|ERR_TLS_)/.test(code)) return true;
  return /Connection terminated|connection timeout|query read timeout|timeout exceeded when trying to connect|not queryable|socket (?:hang up|disconnected)|premature close/i.test(
    error.message,
  );
}

/**
 * What the server said, without any row's value: `42P01 relation "x" does not exist`, `23505 on constraint "y" of "t"`.
 * `isAboutObject`: the statement touched no row and holds no secret, so whatever the server says may be passed on.
 */
export function serverFact(error: unknown, isAboutObject = false): string {
  if (!isServerError(error))
    return isLostConnection(error) ? 'the connection was lost' : 'an unexpected error';
  const { code, message } = error;
  if (isAboutObject || isSafeMessage(error)) return `${message} (SQLSTATE ${code})`;
  const places = placesOf(error);
  const words = conditionOf(error).words ?? 'a constraint or server error';
  return `${words}${places.length === 0 ? '' : ` at ${places.join(', ')}`} (SQLSTATE ${code})`;
}

/**
 * The server's functions that say which constraint, column or table an error is about. A user's
 * `RAISE … USING CONSTRAINT = value` (and what other languages have for it) fills the same fields with words of its
 * own.
 */
const routinesOfPlaces =
  /^(?:ATRewriteTable|Exec\w+|NextCopyFrom\w*|Report\w+|RI_\w+|_bt_\w+|check_\w+|comparetup_\w+|domain_\w+|ri_\w+|validate\w+)$/;

function placesOf({ routine, schema, table, column, constraint }: ServerError): readonly string[] {
  if (!routinesOfPlaces.test(routine ?? '')) return [];
  return [
    constraint === undefined ? null : `constraint "${constraint}"`,
    column === undefined ? null : `column "${column}"`,
    table === undefined ? null : `table "${schema ?? ''}.${table}"`,
  ].filter((place) => place !== null);
}

/**
 * The server's functions that read and write its own files (`md.c`, `fd.c`, `buffile.c`, `xlog.c`, `slru.c`,
 * `copydir.c`). What the operating system says to them comes as the state of something else: a file system that has
 * become read-only as a missing privilege, a quota as an internal error.
 */
const routinesOfFiles =
  /^(?:md[a-z]+|_md\w+|BufFile\w+|FileSet\w+|OpenTemporaryFile\w*|PathNameOpen\w*|XLog(?:Write|FileInit\w*|FileOpen)|Slru\w+|copydir|copy_file|CreateDatabase\w*|write_relmap_file|WriteControlFile|UpdateControlFile)$/;

/** What an error of the server means; its own words decide where one state stands for two things. */
function conditionOf({ code, message, routine }: ServerError & { readonly code: string }): Condition {
  if (routine?.startsWith('dsm_') === true || /shared memory segment/.test(message)) return sharedMemory;
  if (
    code === '53200' &&
    /^(?:LockAcquire|SetupLock|FastPath|lock_twophase|CheckForSerializable)/.test(routine ?? '')
  )
    return lockTable;
  if (code === '55000' && (routine === 'InitPostgres' || routine === 'CheckMyDatabase')) return shutDatabase;
  if (routinesOfFiles.test(routine ?? '') && (code === '42501' || code === 'XX000'))
    return /quota/i.test(message) ? diskQuota : ownFiles;
  return { ...conditions[code.slice(0, 2)], ...conditions[code] };
}

/** Whether the server lacked shared memory for work that it does alone as well. */
export function lacksSharedMemory(error: unknown): boolean {
  return isServerError(error) && conditionOf(error) === sharedMemory;
}

/**
 * Any error of a database call as a `SyncError`. `what` names the object and the action:
 * `Copying table "public"."Part"`. A `SyncError` (an abort's reason, say) passes through.
 */
export function databaseError(
  error: unknown,
  side: Side,
  what: string,
  fallback?: ErrorCode,
  isAboutObject?: boolean,
): SyncError {
  if (error instanceof SyncError) return error;
  const first = beforeClosing(error);
  if (first !== error) return databaseError(first, side, what, fallback, isAboutObject);
  const fact = serverFact(error, isAboutObject);
  const state = sqlState(error);
  const standard: ErrorCode =
    fallback ?? (side === 'source' ? 'SOURCE_COPY_FAILED' : 'TARGET_STATEMENT_FAILED');
  if (state === null) {
    const lost = side === 'source' ? 'SOURCE_UNAVAILABLE' : 'TARGET_UNAVAILABLE';
    if (!isLostConnection(error)) return new SyncError('INTERNAL', `${what}: ${fact}.`, { cause: error });
    return new SyncError(lost, `${what}: ${fact}.`, { cause: error });
  }
  const condition = isServerError(error) ? conditionOf(error) : {};
  return new SyncError(condition[side] ?? standard, `${what}: ${fact}.`, {
    cause: error,
    details: { sqlState: state },
    ...(condition.hint === undefined ? {} : { hint: condition.hint }),
  });
}

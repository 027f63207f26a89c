import type { DatabaseUrl } from '../environments/database-url.ts';
import type { ErrorCode } from '../errors/catalogue.ts';
import { SyncError } from '../errors/sync-error.ts';

/** The fields of a server's error message that we read (PostgreSQL manual, "Error and Notice Message Fields"). */
interface ServerError {
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

export type Side = 'source' | 'target';

/**
 * Classes whose messages speak of object names and conditions only, unless `isSafeMessage` knows better. The text of every other
 * class (22 data exception, 23 constraint violation, P0 raised by a trigger …) may hold values and is not passed on.
 */
const safeMessageClasses = new Set([
  '08',
  '0A',
  '25',
  '26',
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

/** SQLSTATE → our code, most specific first: whole code, then class. */
const codesByState: Readonly<Record<string, Readonly<Record<Side, ErrorCode>>>> = {
  '28000': { source: 'AUTH_DATABASE', target: 'AUTH_DATABASE' },
  '28P01': { source: 'AUTH_DATABASE', target: 'AUTH_DATABASE' },
  '3D000': { source: 'SOURCE_UNAVAILABLE', target: 'TARGET_UNAVAILABLE' },
  '40001': { source: 'SOURCE_CANCELLED_BY_SERVER', target: 'TARGET_STATEMENT_FAILED' },
  '42501': { source: 'SOURCE_NOT_READABLE', target: 'TARGET_PRIVILEGE' },
  '42704': { source: 'SOURCE_COPY_FAILED', target: 'TARGET_STATEMENT_FAILED' },
  '53100': { source: 'SOURCE_COPY_FAILED', target: 'TARGET_DISK_FULL' },
  '55006': { source: 'SOURCE_UNAVAILABLE', target: 'CONFLICT_TARGET_IN_USE' },
  '55P03': { source: 'SOURCE_LOCK_TIMEOUT', target: 'CONFLICT_TARGET_BUSY' },
  '58P01': { source: 'SOURCE_FILE_MISSING', target: 'TARGET_FILE_MISSING' },
  F0000: { source: 'SOURCE_FILE_MISSING', target: 'TARGET_FILE_MISSING' },
  '57014': { source: 'SOURCE_CANCELLED_BY_SERVER', target: 'TARGET_STATEMENT_FAILED' },
  '08': { source: 'SOURCE_UNAVAILABLE', target: 'TARGET_UNAVAILABLE' },
  '53': { source: 'SOURCE_UNAVAILABLE', target: 'TARGET_UNAVAILABLE' },
  '57': { source: 'SOURCE_UNAVAILABLE', target: 'TARGET_UNAVAILABLE' },
};

/** Node's codes for a connection that was refused, lost or never answered. */
const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
]);

function isServerError(error: unknown): error is Error & Required<Pick<ServerError, 'code'>> & ServerError {
  const { code } = error as { code?: unknown };
  return error instanceof Error && typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code);
}

/** The SQLSTATE of a server's error; null for anything else. */
export function sqlState(error: unknown): string | null {
  return isServerError(error) ? error.code : null;
}

/** pg reports a lost connection with plain Errors; these are their texts in pg 8.23. */
function isLostConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: string };
  if (code !== undefined && networkCodes.has(code)) return true;
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
  const { code, message, schema, table, column, constraint } = error;
  if (isAboutObject || isSafeMessage(error)) return `${message} (SQLSTATE ${code})`;
  const places = [
    constraint === undefined ? null : `constraint "${constraint}"`,
    column === undefined ? null : `column "${column}"`,
    table === undefined ? null : `table "${schema ?? ''}.${table}"`,
  ].filter((place) => place !== null);
  return `${conditionName(code)}${places.length === 0 ? '' : ` at ${places.join(', ')}`} (SQLSTATE ${code})`;
}

/** Condition names of the states people meet (PostgreSQL manual, appendix "Error Codes"). */
function conditionName(state: string): string {
  const names: Readonly<Record<string, string>> = {
    '0A000': 'a feature that the server does not have',
    '22001': 'a value is too long for its type',
    '22003': 'a number is out of range',
    '22007': 'a date or time is malformed',
    '22021': 'bytes are not valid in the database’s encoding',
    '22P02': 'a value is not valid for its type',
    '22P04': 'the COPY data is malformed',
    '23502': 'a NULL where none is allowed',
    '23503': 'a foreign key has no matching row',
    '23505': 'a duplicate key',
    '23514': 'a check constraint is violated',
    '23P01': 'an exclusion constraint is violated',
    '3D000': 'a database does not exist',
    '3F000': 'a schema does not exist',
    '42501': 'permission was denied',
    '42601': 'a syntax error',
    '42602': 'a name is malformed',
    '42703': 'a column does not exist',
    '42704': 'an object does not exist',
    '42883': 'a function or operator does not exist',
    '42P01': 'a relation does not exist',
    P0001: 'a function or trigger raised an error',
  };
  return names[state] ?? (state.startsWith('22') ? 'a data error' : 'a constraint or server error');
}

/**
 * Any error of a database call as a `SyncError`. `what` names the object and the action: `Copying table "public"."Part"`.
 * A `SyncError` (an abort's reason, say) passes through.
 */
export function databaseError(
  error: unknown,
  side: Side,
  what: string,
  fallback?: ErrorCode,
  isAboutObject?: boolean,
): SyncError {
  if (error instanceof SyncError) return error;
  const fact = serverFact(error, isAboutObject);
  const state = sqlState(error);
  const standard: ErrorCode =
    fallback ?? (side === 'source' ? 'SOURCE_COPY_FAILED' : 'TARGET_STATEMENT_FAILED');
  if (state === null) {
    const lost = side === 'source' ? 'SOURCE_UNAVAILABLE' : 'TARGET_UNAVAILABLE';
    if (!isLostConnection(error)) return new SyncError('INTERNAL', `${what}: ${fact}.`, { cause: error });
    return new SyncError(lost, `${what}: ${fact}.`, { cause: error });
  }
  const code = codesByState[state]?.[side] ?? codesByState[state.slice(0, 2)]?.[side] ?? standard;
  return new SyncError(code, `${what}: ${fact}.`, { cause: error, details: { sqlState: state } });
}

/** An error of opening a connection, naming the database without its password. */
export function connectionError(error: unknown, side: Side, url: DatabaseUrl): SyncError {
  const unavailable = side === 'source' ? 'SOURCE_UNAVAILABLE' : 'TARGET_UNAVAILABLE';
  if (error instanceof SyncError) return error;
  const { code } = error as { code?: string };
  if (sqlState(error) === null && code !== undefined && networkCodes.has(code)) {
    return new SyncError(unavailable, `Cannot connect to ${url.toString()}: ${code}.`, { cause: error });
  }
  if (
    sqlState(error) === null &&
    error instanceof Error &&
    /certificate|SSL|TLS|self.signed|altname/i.test(`${code ?? ''} ${error.message}`)
  ) {
    return new SyncError(
      'CONFIG_INVALID',
      `Cannot connect to ${url.toString()} with this sslmode: ${error.message}.`,
      { cause: error },
    );
  }
  if (sqlState(error) === null && error instanceof Error && /password|SASL|SCRAM/i.test(error.message)) {
    return new SyncError(
      'AUTH_DATABASE',
      `The server of ${url.toString()} wants a password and none, or a wrong one, is set.`,
      { cause: error },
    );
  }
  if (sqlState(error) === '08P01' && /startup parameter|pooling mode/.test((error as Error).message)) {
    // A server of PostgreSQL itself takes every parameter we send.
    return new SyncError(
      'CONFIG_POOLER',
      `${url.toString()} is a pooler that refuses our settings: ${serverFact(error)}.`,
      { cause: error },
    );
  }
  return databaseError(error, side, `Cannot connect to ${url.toString()}`, unavailable);
}

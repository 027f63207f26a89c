import type { DatabaseUrl } from '../environments/database-url.ts';
import { SyncError } from '../errors/sync-error.ts';
import { networkWords } from '../lib/network/network-words.ts';
import { UnreachableError } from '../lib/network/open-socket.ts';
import { loginTrigger, proxyIsFull, refusedByProxy } from './conditions.ts';
import type { Condition, Side } from './conditions.ts';
import { databaseError, isServerError, serverFact, sqlState } from './sqlstate.ts';
import type { ServerError } from './sqlstate.ts';

/**
 * What poolers and proxies of providers say while a connection is opened, with a state that says nothing: PgBouncer
 * gives 08P01 to all that it says itself, Supavisor XX000.
 */
function conditionOfProxy({
  code,
  message,
  routine,
}: ServerError & { readonly code: string }): Condition | null {
  if ((code !== '08P01' && code !== 'XX000') || routine !== undefined) return null;
  if (/\b(?:auth\w*|password|login|tenant|user not found|no such user|credentials)\b/i.test(message))
    return refusedByProxy;
  if (/\b(?:max\w*|too many|no more|limit\w*) .*(?:clients?|connections?)|clients? reached/i.test(message))
    return proxyIsFull;
  return null;
}

/** Which addresses were tried and why none was reached; null where it is not the network. */
function reachFault(error: unknown): string | null {
  if (sqlState(error) !== null || !(error instanceof Error)) return null;
  for (let one: unknown = error; one instanceof Error; one = one.cause)
    if (one instanceof UnreachableError) return one.message;
  const { code } = error as { code?: string };
  if (code !== undefined && code in networkWords) return `${networkWords[code]} (${code})`;
  // pg, of a server that takes the connection and then says nothing.
  return /timeout expired|due to connection timeout/.test(error.message)
    ? `${networkWords['ETIMEDOUT']} (ETIMEDOUT)`
    : null;
}

/** An error of opening a connection, naming the database without its password. */
export function connectionError(error: unknown, side: Side, url: DatabaseUrl): SyncError {
  const unavailable = side === 'source' ? 'SOURCE_UNAVAILABLE' : 'TARGET_UNAVAILABLE';
  if (error instanceof SyncError) return error;
  const unreached = reachFault(error);
  if (unreached !== null)
    return new SyncError(unavailable, `Cannot connect to ${url.toString()}: ${unreached}.`, { cause: error });
  const { code } = error as { code?: string };
  // pg's words for an answer to its question about TLS that no server of PostgreSQL gives.
  if (error instanceof Error && error.message === 'There was an error establishing an SSL connection')
    return new SyncError(
      unavailable,
      `Cannot connect to ${url.toString()}: what answers there is no PostgreSQL server.`,
      { cause: error, hint: 'Check host and port of this environment’s address.' },
    );
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
  if (
    sqlState(error) === null &&
    error instanceof Error &&
    /Unknown authenticationOk|Only mechanism\(s\)/.test(error.message)
  ) {
    return new SyncError(
      'AUTH_DATABASE',
      `The server of ${url.toString()} asks for a login that this program does not have (it has passwords, ` +
        'SCRAM and client certificates).',
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
  const said = isServerError(error) ? (conditionOfProxy(error) ?? conditionOfLogin(error)) : null;
  const what = `Cannot connect to ${url.toString()}`;
  if (said !== null)
    return new SyncError(said[side] ?? unavailable, `${what}: ${connectingFact(error)}.`, {
      cause: error,
      details: { sqlState: sqlState(error) },
      ...(said.hint === undefined ? {} : { hint: said.hint }),
    });
  return databaseError(error, side, what, unavailable, saysWhy(error));
}

/** From 17 on a database may have triggers for logins. */
function conditionOfLogin({ code }: ServerError & { readonly code: string }): Condition | null {
  return code.startsWith('P0') ? loginTrigger : null;
}

/** No row and no parameter has been seen while a connection is opened, but a trigger for logins may speak of rows. */
function saysWhy(error: unknown): boolean {
  return isServerError(error) && error.code.startsWith('XX') && (error.where ?? '') === '';
}

function connectingFact(error: unknown): string {
  return serverFact(error, saysWhy(error));
}

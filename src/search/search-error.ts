import { SyncError } from '../errors/sync-error.ts';
import { typesensePackage } from './typesense-package.ts';

/** The server's own words, for administrative requests only: they name collections and fields, never documents. */
const messageLengthMax = 300;

/**
 * An answer that is not a success, as a `SyncError`. AUTH_SEARCH (401, 403), SEARCH_UNAVAILABLE (busy, lagging, no
 * leader, or without something that was there before: it is loading its data), SEARCH_OUT_OF_RESOURCES (422 about
 * memory or disk, or writes switched off), SEARCH_REFUSED (the rest).
 */
export function statusError(node: string, what: string, status: number, serverMessage: string): SyncError {
  const said = serverMessage.trim().slice(0, messageLengthMax);
  const message = `${what} at ${node}: status ${status}${said === '' ? '' : `, ${said.replace(/\.$/, '')}`}.`;
  const options = { details: { httpStatus: status } };
  if (status === 401 || status === 403) {
    return new SyncError(
      'AUTH_SEARCH',
      `${what}: Typesense at ${node} refuses the API key (status ${status}).`,
      options,
    );
  }
  if (status === 422 && /running out of resource|Skipping writes/i.test(serverMessage)) {
    return new SyncError('SEARCH_OUT_OF_RESOURCES', message, options);
  }
  const busy =
    [404, 408, 429, 502, 503, 504].includes(status) || (status === 500 && /leader/i.test(serverMessage));
  return new SyncError(busy ? 'SEARCH_UNAVAILABLE' : 'SEARCH_REFUSED', message, options);
}

/** An error out of the official client. Its own object holds the request and is never kept as a cause. */
export function clientError(thrown: unknown, node: string, what: string): unknown {
  if (thrown instanceof typesensePackage().Errors.TypesenseError) {
    const said = /Server said: ([^]*)$/.exec(thrown.message)?.[1] ?? '';
    return statusError(node, what, thrown.httpStatus ?? 0, said);
  }
  return thrown;
}

export function httpStatusOf(error: unknown): number | null {
  return error instanceof SyncError ? error.httpStatus : null;
}

/** The `message` of an error body, which may not be JSON (docs/facts/typesense.md#the-node-client). */
export function serverMessage(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return typeof message === 'string' ? message : '';
  } catch {
    return /"message"\s*:\s*"([^]*?)"?\s*\}?\s*$/.exec(text)?.[1] ?? '';
  }
}

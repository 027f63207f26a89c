import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { SyncError } from '../errors/sync-error.ts';
import type { Secret } from '../lib/secret.ts';

/** Is this a host to listen on that only this machine can reach? */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}

/** Characters: what can be tried out over a network is shorter. */
const keyCharactersMin = 16;

/**
 * Beyond loopback anybody can try keys, so one has to be set by whoever opens the service to others, and be long
 * enough. Throws CONFIG_INVALID otherwise.
 */
export function refuseOpenDoor(host: string, apiKey: Secret | null): void {
  if (isLoopback(host)) return;
  const hint = `Set API_KEY to a long random value (openssl rand -hex 32), or HOST to 127.0.0.1.`;
  const open = `HOST is ${host}, which other machines can reach`;
  if (apiKey === null) {
    throw new SyncError(
      'CONFIG_INVALID',
      `${open}, but API_KEY is not set; the service does not start without one.`,
      { hint },
    );
  }
  if (apiKey.reveal().length < keyCharactersMin) {
    throw new SyncError(
      'CONFIG_INVALID',
      `${open}, but API_KEY is shorter than ${keyCharactersMin} characters; the service does not start with it.`,
      { hint },
    );
  }
}

/**
 * The guard of a service whose key is its own, beside that key. A web page that the user visits can send requests to
 * loopback: by rebinding its own name to 127.0.0.1 (then `Host` is that name), or across origins (then `Origin` or
 * `Sec-Fetch-Site` tell). Programs send neither of the two. Throws AUTH_ORIGIN_REFUSED.
 */
export function checkSameMachine(headers: IncomingHttpHeaders): void {
  const host = headers.host ?? '';
  if (!isLoopback(hostName(host))) {
    throw new SyncError(
      'AUTH_ORIGIN_REFUSED',
      'The request’s Host is not this machine’s own name; without API_KEY only localhost is served.',
    );
  }
  const { origin } = headers;
  const site = headers['sec-fetch-site'];
  const sameSite = site === undefined || site === 'same-origin' || site === 'none';
  if (!sameSite || (origin !== undefined && origin !== `http://${host}`)) {
    throw new SyncError(
      'AUTH_ORIGIN_REFUSED',
      'The request comes from a web page of another origin; without API_KEY that is not served.',
    );
  }
}

/** `localhost:8080` → `localhost`, `[::1]:8080` → `::1`; empty when it is no host at all. */
function hostName(header: string): string {
  const match = /^(?:\[([0-9a-f:]+)\]|([^:[\]/@\s]+))(?::\d+)?$/i.exec(header);
  return (match?.[1] ?? match?.[2] ?? '').toLowerCase();
}

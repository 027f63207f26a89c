import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { RequestHandler } from 'express';
import { ipKeyGenerator, MemoryStore, rateLimit } from 'express-rate-limit';
import type { Logger } from 'pino';
import type { Pass } from '../access/principal.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { Door } from './door.ts';

const rateWindowMs = 60_000;
/** Whoever is over the limit waits so long for each refusal: a program that asks on and on then asks twice a second. */
const refusalDelayMs = 500;
/** Asked by whoever watches the service, perhaps from the address of somebody who floods it: late, but answered. */
const neverRefused = new Set(['/health', '/ready']);

/**
 * Requests of one address in a minute, counted before anything is done for them, in two accounts: what comes with a
 * key, right or wrong, and what comes without one. So a flood without a key keeps nobody out who has one, and keys
 * cannot be tried out faster on one way than on another.
 */
export interface Limits {
  readonly requests: RequestHandler;
  /** A socket's handshake, which brings no key yet. Throws USAGE_TOO_MANY_REQUESTS. */
  handshake(request: IncomingMessage): Promise<void>;
  /** A key that comes by a socket. Throws USAGE_TOO_MANY_REQUESTS, and what the door says. */
  admit(door: Door, presented: string | null, address: string): Promise<Pass>;
  close(): void;
}

export function createLimits({
  perMinute,
  logger,
}: {
  readonly perMinute: number;
  readonly logger: Logger;
}): Limits {
  const account = (): { readonly store: MemoryStore; readonly handler: RequestHandler } => {
    const store = new MemoryStore();
    const handler = rateLimit({
      windowMs: rateWindowMs,
      limit: perMinute,
      standardHeaders: 'draft-7',
      legacyHeaders: false,
      // The library would write to stderr for every client that sends X-Forwarded-For; we never read it.
      validate: { xForwardedForHeader: false },
      store,
      requestPropertyName: 'rate',
      handler: (request, _response, next) => {
        const { used } = (request as unknown as { readonly rate: { readonly used: number } }).rate;
        // Once a minute, not once a request: a flood fills no disk.
        if (used === perMinute + 1)
          logger.warn(
            { from: request.socket.remoteAddress },
            'An address is over its limit; refused until the minute is over',
          );
        const goOn = neverRefused.has(request.path) ? undefined : tooManyRequests();
        setTimeout(() => {
          next(goOn);
        }, refusalDelayMs);
      },
    });
    return { store, handler };
  };
  const [withKey, without] = [account(), account()];
  const count = async (store: MemoryStore, address: string): Promise<void> => {
    const { totalHits } = await store.increment(ipKeyGenerator(address));
    if (totalHits <= perMinute) return;
    await delay(refusalDelayMs);
    throw tooManyRequests();
  };
  return {
    requests: (request, response, next) => {
      const { handler } = request.headers.authorization === undefined ? without : withKey;
      return handler(request, response, next);
    },
    handshake: (request) => count(without.store, request.socket.remoteAddress ?? ''),
    admit: async (door, presented, address) => {
      await count(withKey.store, address);
      return door.admit(presented);
    },
    close: () => {
      withKey.store.shutdown();
      without.store.shutdown();
    },
  };
}

function tooManyRequests(): SyncError {
  return new SyncError(
    'USAGE_TOO_MANY_REQUESTS',
    'This address has sent more requests in a minute than the service takes; this one was refused.',
  );
}

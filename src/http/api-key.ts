import { createHash, timingSafeEqual } from 'node:crypto';
import { SyncError } from '../errors/sync-error.ts';
import type { Secret } from '../lib/secret.ts';

const sha256 = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();

/**
 * Compares in constant time. Both sides are hashed first: `timingSafeEqual` needs equal lengths, and the length of
 * the key must not show either. Throws AUTH_KEY_MISSING; `presented` is null where none was sent.
 */
export function checkApiKey(accepted: readonly Secret[], presented: string | null): void {
  if (presented !== null) {
    const sent = sha256(presented);
    // Each is compared, whichever of them it is.
    const found = accepted.filter((key) => timingSafeEqual(sha256(key.reveal()), sent));
    if (found.length > 0) return;
  }
  throw new SyncError(
    'AUTH_KEY_MISSING',
    presented === null
      ? 'The request carries no API key; it was refused.'
      : 'The request’s API key is not the one this service knows; it was refused.',
  );
}

/** The token of an `Authorization: Bearer …` header; null where there is none (RFC 6750, scheme in any case). */
export function bearerToken(header: string | undefined): string | null {
  const match = /^bearer +([^ ]+)$/i.exec(header ?? '');
  return match?.[1] ?? null;
}

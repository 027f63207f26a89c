import { createHash, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../lib/secret.ts';

const sha256 = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();

/**
 * Compares in constant time. Both sides are hashed first: `timingSafeEqual` needs equal lengths, and the length of
 * the key must not show either.
 */
export function isKey(key: Secret, presented: string): boolean {
  return timingSafeEqual(sha256(key.reveal()), sha256(presented));
}

/** The token of an `Authorization: Bearer …` header; null where there is none (RFC 6750, scheme in any case). */
export function bearerToken(header: string | undefined): string | null {
  const match = /^bearer +([^ ]+)$/i.exec(header ?? '');
  return match?.[1] ?? null;
}

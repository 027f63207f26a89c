import { createHmac } from 'node:crypto';
import { Secret } from '../lib/secret.ts';

/** Under which a session's key is found by expressions: `current_setting('multiboard_sync.mask_key')`. */
export const maskKeySetting = 'multiboard_sync.mask_key';

/**
 * What a server gets of the salt: 64 hexadecimal digits, the block of SHA-256. The salt itself, which people may use
 * elsewhere, never leaves this process.
 */
export function maskKey(salt: string): Secret {
  return new Secret(createHmac('sha256', salt).update('multiboard-sync masks 1').digest('hex'));
}

/** Tells whether two dumps were masked with one salt, and nothing else of it. */
export function maskKeyId(key: Secret): string {
  return createHmac('sha256', key.reveal()).update('id').digest('hex').slice(0, 8);
}

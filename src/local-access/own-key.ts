import { randomBytes } from 'node:crypto';
import { link } from 'node:fs/promises';
import { join } from 'node:path';
import { storageError } from '../dump/files.ts';
import { SyncError } from '../errors/sync-error.ts';
import { placeFile } from '../lib/durable-file.ts';
import { Secret } from '../lib/secret.ts';
import { readPrivateFile } from './private-file.ts';

/** 256 random bits. */
const keyBytes = 32;
const keyPattern = /^[\w-]{43}$/;

/** Where a service without API_KEY keeps the key it has made. */
export const ownKeyPath = (dataDirectory: string): string => join(dataDirectory, 'api-key');

/**
 * The key that a service has made for its data directory; null where none has. Throws CONFIG_INVALID as
 * `readPrivateFile`.
 */
export function readOwnKey(dataDirectory: string): Secret | null {
  const path = ownKeyPath(dataDirectory);
  const text = readPrivateFile(path)?.trimEnd();
  if (text === undefined) return null;
  if (!keyPattern.test(text)) {
    throw new SyncError('CONFIG_INVALID', `${path} does not hold the key that the service has made.`, {
      hint: 'Remove the file; the service makes a new one when it starts. A key of your own belongs in API_KEY.',
    });
  }
  return new Secret(text);
}

/**
 * The key of a data directory, made at the first call. Of two processes that make one at the same moment both get the
 * one that was there first. Throws CONFIG_INVALID for a file that is not this user's, STORAGE_* where it cannot be
 * made.
 */
export async function ownKey(dataDirectory: string): Promise<Secret> {
  const path = ownKeyPath(dataDirectory);
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const key = readOwnKey(dataDirectory);
    if (key !== null) return key;
    await writeIfAbsent(path, `${randomBytes(keyBytes).toString('base64url')}\n`);
  }
  throw new SyncError('CONFIG_INVALID', `${path} is removed as soon as it is made; the service has no key.`);
}

/** Never over what is there. */
async function writeIfAbsent(path: string, content: string): Promise<void> {
  try {
    await placeFile(path, content, link);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unwritable(error);
  }
}

function unwritable(error: unknown): SyncError {
  const known = storageError(error, 'Making the service’s key in the data directory');
  return new SyncError(known.code, known.message, {
    hint: 'Set API_KEY, or correct DATA_DIRECTORY.',
    cause: error,
  });
}

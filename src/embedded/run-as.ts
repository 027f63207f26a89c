import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { SyncError } from '../errors/sync-error.ts';

const run = promisify(execFile);

/** The ordinary user PostgreSQL runs as when we are root. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/** initdb looks the user up by name, so the uid must have an entry in the user database: these two are looked for. */
const candidates = ['postgres', 'nobody'];

/**
 * PostgreSQL refuses root. Null: run it as ourselves. Throws EMBEDDED_UNAVAILABLE where root has nobody to hand over
 * to.
 */
export async function ordinaryIdentity(): Promise<Identity | null> {
  if (process.getuid?.() !== 0) return null;
  for (const name of candidates) {
    const uid = await idOf('-u', name);
    const gid = await idOf('-g', name);
    if (uid !== null && uid !== 0 && gid !== null) return { uid, gid };
  }
  throw new SyncError(
    'EMBEDDED_UNAVAILABLE',
    `The embedded PostgreSQL refuses to run as root, and this system has none of the users ${candidates.join(', ')}.`,
  );
}

async function idOf(kind: '-u' | '-g', name: string): Promise<number | null> {
  try {
    return Number((await run('id', [kind, name])).stdout);
  } catch {
    // `id` answers an unknown user with exit code 1: the next candidate is tried.
    return null;
  }
}

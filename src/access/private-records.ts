import { statSync } from 'node:fs';
import { link, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { privateDirectory, storageError } from '../dump/files.ts';
import { asSyncError, SyncError } from '../errors/sync-error.ts';
import { placeFile } from '../lib/durable-file.ts';
import { readPrivateFile } from '../local-access/private-file.ts';

const ending = '.json';
/** A record that was read is believed for so long without its content being read again. */
const rereadMs = 1_000;

/** A record of which nothing is known but what is wrong with it. */
export interface DamagedRecord {
  readonly name: string;
  /** A sentence. */
  readonly message: string;
}

interface Known<T> {
  readonly stamp: string;
  readonly readAt: number;
  readonly record: T;
}

/**
 * A directory with one small file for each name, 0600. Processes that share it need no lock: a record is made whole
 * under its name or not at all (link(2) refuses a name that is there), never changed, and removed as one.
 */
export class PrivateRecords<T> {
  readonly #dataDirectory: string;
  readonly #directory: string;
  readonly #schema: z.ZodType<T>;
  readonly #now: () => number;
  readonly #known = new Map<string, Known<T>>();

  constructor(dataDirectory: string, folder: string, schema: z.ZodType<T>, now: () => number) {
    this.#dataDirectory = dataDirectory;
    this.#directory = join(dataDirectory, folder);
    this.#schema = schema;
    this.#now = now;
  }

  path(name: string): string {
    return join(this.#directory, name + ending);
  }

  /** False where the name is taken. Throws STORAGE_*. */
  async make(name: string, record: T): Promise<boolean> {
    await privateDirectory(this.#dataDirectory);
    await privateDirectory(this.#directory);
    try {
      await placeFile(this.path(name), `${JSON.stringify(record)}\n`, link);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw storageError(error, 'Writing to the data directory');
    }
  }

  /** False where there is none. Throws STORAGE_*. */
  async remove(name: string): Promise<boolean> {
    try {
      await rm(this.path(name));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw storageError(error, 'Removing from the data directory');
    }
  }

  /**
   * As it is now, whichever process wrote or removed it; null where there is none. It asks the file system each time,
   * and reads what has changed. Throws CONFIG_INVALID for a file that is not ours or does not hold what it should.
   */
  read(name: string): T | null {
    const path = this.path(name);
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (stat === undefined) {
      this.#known.delete(name);
      return null;
    }
    const stamp = `${stat.ino} ${stat.ctimeNs} ${stat.size}`;
    const known = this.#known.get(name);
    const now = this.#now();
    if (known?.stamp === stamp && now - known.readAt < rereadMs) return known.record;
    const text = readPrivateFile(path);
    if (text === null) return null;
    const record = this.#parse(path, text);
    this.#known.set(name, { stamp, readAt: now, record });
    return record;
  }

  /** By name; `damaged`: those that `read` throws at, which must not hide the others. Throws STORAGE_*. */
  async all(): Promise<{ readonly records: readonly T[]; readonly damaged: readonly DamagedRecord[] }> {
    const records: T[] = [];
    const damaged: DamagedRecord[] = [];
    for (const name of await this.#names()) {
      try {
        const record = this.read(name);
        if (record !== null) records.push(record);
      } catch (error) {
        damaged.push({ name, message: asSyncError(error).message });
      }
    }
    return { records, damaged };
  }

  async #names(): Promise<readonly string[]> {
    try {
      const files = await readdir(this.#directory);
      return files
        .filter((file) => file.endsWith(ending))
        .map((file) => file.slice(0, -ending.length))
        .sort();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw storageError(error, 'Listing the data directory');
    }
  }

  #parse(path: string, text: string): T {
    let value: unknown = null;
    try {
      value = JSON.parse(text);
    } catch {
      // Told below: it fits no schema.
    }
    const parsed = this.#schema.safeParse(value);
    if (parsed.success) return parsed.data;
    throw new SyncError('CONFIG_INVALID', `${path} does not hold what the service has written there.`, {
      hint: 'Remove the file, and make what it stood for anew.',
    });
  }
}

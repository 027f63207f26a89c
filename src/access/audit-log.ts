import { randomBytes } from 'node:crypto';
import { open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { privateDirectory, storageError } from '../dump/files.ts';

const bytesMaxDefault = 8 * 1024 * 1024;
/** Of each series, with the one that is written to: some 90 MB, or 300,000 actions. */
const filesMax = 11;
/** Refusals lie in files of their own: however many there are, they push out nothing that was done. */
const series = ['audit', 'audit-refused'] as const;
type Series = (typeof series)[number];

const currentOf = (of: Series): string => `${of}.log`;
const former: Readonly<Record<Series, RegExp>> = {
  audit: /^audit\.[\dTZ-]+\.[0-9a-f]+\.log$/,
  'audit-refused': /^audit-refused\.[\dTZ-]+\.[0-9a-f]+\.log$/,
};

const entrySchema = z.object({
  /** Epoch milliseconds. */
  at: z.number(),
  actor: z.string(),
  action: z.string(),
  about: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])),
  reason: z.string().nullable(),
  outcome: z.string(),
  address: z.string().nullable(),
});

/**
 * Somebody did something, or was kept from it. `about`: names and ids. `outcome`: `done`, or the code of the error.
 * `address`: where the request came from; null for the command line.
 */
export type AuditEntry = Readonly<z.infer<typeof entrySchema>>;

export interface AuditLogDeps {
  readonly dataDirectory: string;
  readonly bytesMax?: number | undefined;
  readonly now: () => number;
}

/**
 * What was done, a JSON object a line, in a file that is only ever added to (0600); what was refused, in another one.
 * Processes that share it need no lock: a line is one write at the end of the file (O_APPEND), and a file that has
 * become too large gets another name, which only one of them can give it.
 */
export class AuditLog {
  readonly #deps: AuditLogDeps;

  constructor(deps: AuditLogDeps) {
    this.#deps = deps;
  }

  /** On disk when it resolves. Throws STORAGE_*. */
  async append(entry: Omit<AuditEntry, 'at'>): Promise<void> {
    const { dataDirectory, now } = this.#deps;
    const of = entry.outcome === 'done' ? 'audit' : 'audit-refused';
    try {
      await privateDirectory(dataDirectory);
      await this.#rotate(of);
      const file = await open(join(dataDirectory, currentOf(of)), 'a+', 0o600);
      try {
        const line = `${JSON.stringify({ at: now(), ...entry })}\n`;
        await file.write((await endsWithin(file)) ? `\n${line}` : line);
        await file.datasync();
      } finally {
        await file.close();
      }
    } catch (error) {
      throw storageError(error, 'Writing to the audit log');
    }
  }

  /**
   * The newest first: `limit` of them from before `before`, and those that are as old as the last of them. A line that
   * a crash has cut off is left out. Throws STORAGE_*.
   */
  async read({
    limit,
    before = Infinity,
  }: {
    readonly limit: number;
    readonly before?: number | undefined;
  }): Promise<readonly AuditEntry[]> {
    const each = [];
    for (const of of series) each.push(...(await this.#newest(of, limit, before)));
    const found = each.sort((one, other) => other.at - one.at);
    const last = found[limit - 1]?.at ?? -Infinity;
    return found.filter(({ at }) => at >= last);
  }

  async #newest(of: Series, limit: number, before: number): Promise<readonly AuditEntry[]> {
    const found: AuditEntry[] = [];
    for (const name of (await this.#files(of)).reverse()) {
      for (const line of (await this.#text(name)).split('\n').reverse()) {
        const entry = entryOf(line);
        if (entry === null || entry.at >= before) continue;
        if (found.length >= limit && entry.at !== found.at(-1)?.at) return found;
        found.push(entry);
      }
    }
    return found;
  }

  async #rotate(of: Series): Promise<void> {
    const { dataDirectory, bytesMax = bytesMaxDefault, now } = this.#deps;
    const path = join(dataDirectory, currentOf(of));
    const size = await stat(path).then(
      (found) => found.size,
      (error: unknown) => absent(error, 0),
    );
    if (size < bytesMax) return;
    const day = new Date(now()).toISOString().replaceAll(/[:.]/g, '-');
    const kept = join(dataDirectory, `${of}.${day}.${randomBytes(3).toString('hex')}.log`);
    await rename(path, kept).catch((error: unknown) => absent(error, undefined));
    const surplus = (await this.#files(of)).slice(0, -filesMax);
    for (const name of surplus) await rm(join(dataDirectory, name), { force: true });
  }

  /** Oldest first. */
  async #files(of: Series): Promise<string[]> {
    const names = await readdir(this.#deps.dataDirectory).catch((error: unknown) =>
      absent(error, [] as string[]),
    );
    return [...names.filter((name) => former[of].test(name)).sort(), currentOf(of)];
  }

  async #text(name: string): Promise<string> {
    try {
      return await readFile(join(this.#deps.dataDirectory, name), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
      throw storageError(error, 'Reading the audit log');
    }
  }
}

/** Whether a crash has cut off its last line. */
async function endsWithin(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return false;
  const { buffer } = await file.read({ buffer: Buffer.alloc(1), position: size - 1 });
  return buffer[0] !== 0x0a;
}

function absent<T>(error: unknown, otherwise: T): T {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return otherwise;
  throw error;
}

function entryOf(line: string): AuditEntry | null {
  try {
    return entrySchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

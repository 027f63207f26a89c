import { open, readdir } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Config } from '../../config/config.ts';
import { fsyncDirectory, privateDirectory, readFileIfAny, storageError } from '../../dump/files.ts';
import type { Receipt } from '../verbs.ts';

/**
 * What a run is about to do, on disk before it does it: one JSON object a line, fsynced. A later run reads the
 * journals that have no `ended` line and finishes or removes what they name.
 */
const entrySchema = z.discriminatedUnion('entry', [
  z.object({ entry: z.literal('started'), target: z.string().nullable(), kind: z.string() }),
  z.object({ entry: z.literal('dump'), dumpId: z.string(), purpose: z.enum(['export', 'backup']) }),
  z.object({ entry: z.literal('shadow'), database: z.string() }),
  /** Collections are about to be built: their names follow from alias and run. */
  z.object({ entry: z.literal('search'), runId: z.string(), aliases: z.array(z.string()) }),
  z.object({
    entry: z.literal('switch'),
    shadowOid: z.string(),
    /** Where the aliases point once the swap has happened. */
    aliases: z.array(z.object({ alias: z.string(), collection: z.string().nullable() })),
    /** The job's receipt, should it not live to write it. */
    receipt: z.unknown(),
    /** The job this one undoes. */
    undoes: z.string().nullable(),
  }),
  z.object({
    entry: z.literal('commit'),
    /** Of the transaction that replaces the target in place, in this database (databaseIdentity). */
    xid: z.string(),
    database: z.string(),
    receipt: z.unknown(),
    /** Whether the search was to follow. */
    search: z.boolean(),
  }),
  z.object({ entry: z.literal('aliases'), moved: z.boolean() }),
  z.object({ entry: z.literal('ended'), state: z.string() }),
]);

export type JournalEntry = z.infer<typeof entrySchema>;

type Directories = Pick<Config, 'directories'>;

const jobsDirectory = (config: Directories): string => join(config.directories.data, 'jobs');
const suffix = '.journal';

/** The open journal of one attempt at a job. `write` returns when the line is on disk. */
export class Journal implements AsyncDisposable {
  /** Its file's name: no path, no secret. */
  readonly name: string;
  readonly #file: FileHandle;
  #leftOpen = false;
  #effect: Receipt | null = null;

  private constructor(name: string, file: FileHandle) {
    this.name = name;
    this.#file = file;
  }

  /** Begins the journal of an attempt; `at` (epoch milliseconds) tells attempts apart. STORAGE_UNUSABLE, STORAGE_FULL. */
  static async begin(config: Directories, jobId: string, at: number): Promise<Journal> {
    return Journal.#open(config, `${jobId}.${at}${suffix}`);
  }

  /** Goes on with the journal of a dead attempt. */
  static async resume(config: Directories, name: string): Promise<Journal> {
    return Journal.#open(config, name);
  }

  static async #open(config: Directories, name: string): Promise<Journal> {
    await privateDirectory(config.directories.data);
    await privateDirectory(jobsDirectory(config));
    const path = join(jobsDirectory(config), name);
    try {
      const file = await open(path, 'a', 0o600);
      await fsyncDirectory(path);
      return new Journal(name, file);
    } catch (error) {
      throw storageError(error, 'Opening the job’s journal');
    }
  }

  async write(entry: JournalEntry): Promise<void> {
    try {
      // A line of its own, whatever the line before: a dead attempt's last one may be cut off.
      await this.#file.appendFile(`\n${JSON.stringify(entry)}\n`);
      await this.#file.datasync();
    } catch (error) {
      throw storageError(error, 'Writing the job’s journal');
    }
  }

  /**
   * Writes down what has happened already. A disk that takes no more cannot undo it, so it does not throw: the journal
   * stays open, and the next run finds out by itself.
   */
  async note(entry: JournalEntry): Promise<void> {
    await this.write(entry).catch(() => this.leaveOpen());
  }

  /** Says that the run could not clear up after itself: the journal gets no last line, so that the next run does it. */
  leaveOpen(): void {
    this.#leftOpen = true;
  }

  /** Says that the target is changed for good, whatever fails after: the record keeps this receipt beside the error. */
  keepEffect(receipt: Receipt | null): void {
    this.#effect = receipt;
  }

  get effect(): Receipt | null {
    return this.#effect;
  }

  get leftOpen(): boolean {
    return this.#leftOpen;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}

export interface UnfinishedJournal {
  readonly name: string;
  readonly jobId: string;
  readonly entries: readonly JournalEntry[];
}

/** Ids hold no dot. */
export function jobIdOf(journalName: string): string {
  return journalName.slice(0, journalName.indexOf('.'));
}

/** Journals of attempts on `target` that never ended, oldest first. `except` is the name of the asking one's. */
export async function unfinishedJournals(
  config: Directories,
  target: string,
  except: string,
): Promise<readonly UnfinishedJournal[]> {
  const found: UnfinishedJournal[] = [];
  for (const name of (await journalNames(config)).sort()) {
    if (name === except) continue;
    const entries = await readJournal(config, name);
    const started = entries.find((line) => line.entry === 'started');
    const open = started?.target === target && !entries.some(({ entry }) => entry === 'ended');
    if (open) found.push({ name, jobId: jobIdOf(name), entries });
  }
  return found;
}

/** The entries of a journal; a last line cut off by a crash was never acted upon and is passed over. */
async function readJournal(config: Directories, name: string): Promise<readonly JournalEntry[]> {
  const lines = ((await readFileIfAny(join(jobsDirectory(config), name))) ?? '').split('\n');
  lines.pop();
  return lines.flatMap((line) => {
    try {
      return line === '' ? [] : [entrySchema.parse(JSON.parse(line))];
    } catch {
      return [];
    }
  });
}

async function journalNames(config: Directories): Promise<string[]> {
  try {
    return (await readdir(jobsDirectory(config))).filter((name) => name.endsWith(suffix));
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return [];
    throw storageError(error, 'Listing the jobs’ journals');
  }
}

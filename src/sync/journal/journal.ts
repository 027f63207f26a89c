import { constants, open, readdir, rename } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { privateDirectory, readFileIfAny, storageError } from '../../dump/files.ts';
import { fsyncDirectory } from '../../lib/durable-file.ts';
import { entrySchema } from '../contract/journal-entry.ts';
import type { JournalEntry } from '../contract/journal-entry.ts';
import type { Receipt } from '../contract/receipts.ts';
import type { RunJournal } from '../contract/run.ts';
import { readableJobRecord } from './records.ts';
import { beatMs, isWorkedOn, markClosed, markOpen } from './living.ts';

type Directories = Pick<Config, 'directories'>;

const jobsDirectory = (config: Directories): string => join(config.directories.data, 'jobs');
const suffix = '.journal';
/** Of a journal with its last line. */
export const endedSuffix = '.ended';

/**
 * The open journal of one attempt at a job. `write` returns when the line is on disk. It is touched now and then, which
 * tells other processes that somebody works on it (living.ts).
 */
export class Journal implements RunJournal, AsyncDisposable {
  /** Its file's name: no path, no secret. */
  readonly name: string;
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #beat: NodeJS.Timeout;
  #leftOpen = false;
  #ended = false;
  #effect: Receipt | null = null;

  private constructor(name: string, path: string, file: FileHandle) {
    this.name = name;
    this.#path = path;
    this.#file = file;
    markOpen(path);
    this.#beat = setInterval(() => {
      const now = new Date();
      // If the disk refuses this, it refuses lines too, and writing a line reports it.
      file.utimes(now, now).catch(() => {});
    }, beatMs);
    this.#beat.unref();
  }

  /**
   * Begins the journal of an attempt; `at` (epoch milliseconds) tells attempts apart. STORAGE_UNUSABLE, STORAGE_FULL.
   */
  static async begin(config: Directories, jobId: string, at: number): Promise<Journal> {
    const name = `${jobId}.${at}${suffix}`;
    await privateDirectory(config.directories.data);
    await privateDirectory(jobsDirectory(config));
    const path = join(jobsDirectory(config), name);
    try {
      const file = await open(path, 'a', 0o600);
      await fsyncDirectory(path);
      return new Journal(name, path, file);
    } catch (error) {
      throw storageError(error, 'Opening the job’s journal');
    }
  }

  /** Writes the last line of a dead attempt's journal; nothing where somebody else has done so. */
  static async end(config: Directories, name: string, state: string): Promise<void> {
    const path = join(jobsDirectory(config), name);
    let file: FileHandle;
    try {
      file = await open(path, constants.O_WRONLY | constants.O_APPEND);
    } catch (error) {
      if ((error as { code?: string }).code === 'ENOENT') return;
      throw storageError(error, 'Opening the job’s journal');
    }
    await using journal = new Journal(name, path, file);
    await journal.write({ entry: 'ended', state });
  }

  async write(entry: JournalEntry): Promise<void> {
    try {
      // A line of its own, whatever the line before: a dead attempt's last one may be cut off.
      await this.#file.appendFile(`\n${JSON.stringify(entry)}\n`);
      await this.#file.datasync();
      this.#ended ||= entry.entry === 'ended';
    } catch (error) {
      throw storageError(error, 'Writing the job’s journal');
    }
  }

  /**
   * Notes what has happened already. A full disk cannot undo it, so this does not throw: the journal stays open, and
   * the next run finds out by itself.
   */
  async note(entry: JournalEntry): Promise<void> {
    await this.write(entry).catch(() => this.leaveOpen());
  }

  /** Says that the run could not clear up after itself: the journal gets no last line, so that the next run does it. */
  leaveOpen(): void {
    this.#leftOpen = true;
  }

  /**
   * Notes that the target is changed for good, whatever fails afterwards: the record keeps this receipt beside the
   * error.
   */
  keepEffect(receipt: Receipt | null): void {
    this.#effect = receipt;
  }

  get effect(): Receipt | null {
    return this.#effect;
  }

  get leftOpen(): boolean {
    return this.#leftOpen;
  }

  /** Nobody works on it from here on. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#beat);
    try {
      // Without this line another run finds out by itself, some seconds later.
      if (this.#leftOpen && !this.#ended) await this.write({ entry: 'left' }).catch(() => {});
      // Its lines are on the disk already.
      await this.#file.close().catch(() => {});
      if (this.#ended) await setAside(this.#path);
    } finally {
      markClosed(this.#path);
    }
  }
}

/** Renames an ended journal. If that fails, the journal is read once more and renamed then. */
async function setAside(path: string): Promise<void> {
  await rename(path, `${path.slice(0, -suffix.length)}${endedSuffix}`).catch(() => {});
}

export interface UnfinishedJournal {
  readonly name: string;
  readonly jobId: string;
  /** When the attempt began, epoch milliseconds. */
  readonly at: number;
  readonly entries: readonly JournalEntry[];
  /** Lines that cannot be read, counted from 1. The last line may be cut off by a crash: it was never acted upon. */
  readonly unreadable: readonly number[];
}

/** Ids hold no dot. */
export function jobIdOf(journalName: string): string {
  return journalName.slice(0, journalName.indexOf('.'));
}

/**
 * Journals of attempts that never ended, oldest first, of those that `wanted` picks by their target (null where there
 * is none; undefined where the first line cannot be read, so that nobody knows). `except` is the name of the asking
 * one's.
 */
export async function unfinishedJournals(
  config: Directories,
  wanted: (target: string | null | undefined) => boolean,
  except: string,
): Promise<readonly UnfinishedJournal[]> {
  const found: UnfinishedJournal[] = [];
  for (const name of (await journalNames(config)).sort()) {
    if (name === except) continue;
    const journal = await readJournal(config, name);
    if (journal === null) continue;
    if (journal.entries.some(({ entry }) => entry === 'ended')) {
      // Its process died between its last line and its other name.
      await setAside(join(jobsDirectory(config), name));
      continue;
    }
    const started = journal.entries.find((line) => line.entry === 'started');
    // The record, written before the journal, knows it as well.
    const { target } = started ?? (await readableJobRecord(config, journal.jobId)) ?? { target: undefined };
    if (wanted(target)) found.push(journal);
  }
  return found;
}

/** Whether somebody still works on it (living.ts). */
export async function isLiving(config: Directories, journal: UnfinishedJournal): Promise<boolean> {
  if (journal.entries.some(({ entry }) => entry === 'left')) return false;
  const started = journal.entries.find((line) => line.entry === 'started');
  // Without its first line it may be one that begins this very moment.
  const attempt = started === undefined ? null : (started.process ?? undefined);
  return isWorkedOn(join(jobsDirectory(config), journal.name), attempt);
}

/** Null when it is gone: ended by its own run meanwhile. */
async function readJournal(config: Directories, name: string): Promise<UnfinishedJournal | null> {
  const text = await readFileIfAny(join(jobsDirectory(config), name));
  if (text === null) return null;
  const entries: JournalEntry[] = [];
  const unreadable: number[] = [];
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    // What follows the last line end was cut off.
    if (line === '' || index === lines.length - 1) continue;
    const entry = parseEntry(line);
    if (entry !== null) entries.push(entry);
    else unreadable.push(index + 1);
  }
  return { name, jobId: jobIdOf(name), at: Number(name.split('.').at(-2)), entries, unreadable };
}

function parseEntry(line: string): JournalEntry | null {
  try {
    return entrySchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

async function journalNames(config: Directories): Promise<string[]> {
  try {
    return (await readdir(jobsDirectory(config))).filter((name) => name.endsWith(suffix));
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return [];
    throw storageError(error, 'Listing the jobs’ journals');
  }
}

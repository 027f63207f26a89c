import { SyncError } from '../errors/sync-error.ts';
import { countSkipped } from './rules/judgement.ts';
import { readForeignDump } from './read.ts';
import type { ReadOptions } from './read.ts';

export interface ForeignInspection {
  /** To be run: without those left out. */
  readonly statements: number;
  /** Tables that get rows. */
  readonly tables: number;
  /** Exact for COPY; of INSERT statements each counts as one row, though it may hold several. */
  readonly rows: number;
  /** Of the file after decompression, statements and rows without comments. */
  readonly bytes: number;
  /** Statements that the options leave out, by kind; timeouts are ours and not counted. */
  readonly skipped: Readonly<Record<string, number>>;
  /** What people should know about the file before it takes the place of their data. */
  readonly notes: readonly string[];
  /** Of the pg_dump that wrote the file; null where it does not say. */
  readonly writerMajor: number | null;
  /** Statements that are not held in memory: their lengths in bytes by their offsets, for `runForeignDump`. */
  readonly long: ReadonlyMap<number, number>;
}

export interface InspectOptions extends ReadOptions {
  readonly signal?: AbortSignal | undefined;
}

const faultsListed = 20;

/**
 * Reads a whole foreign dump and changes nothing: what `runForeignDump` would refuse is found before anything is
 * written. Throws the first fault; where there are more, its details list the first 20 of them. Memory is flat.
 * Errors: STORAGE_DUMP_FOREIGN, STORAGE_DUMP_ENCODING, STORAGE_DUMP_INCOMPLETE, STORAGE_DUMP_DAMAGED.
 */
export async function inspectForeignDump(
  source: AsyncIterable<Buffer>,
  options: InspectOptions = {},
): Promise<ForeignInspection> {
  const faults: SyncError[] = [];
  const tables = new Set<string>();
  const skipped: Record<string, number> = {};
  let notes: readonly string[] = [];
  let writerMajor: number | null = null;
  const long = new Map<number, number>();
  let faultCount = 0;
  let statements = 0;
  let rows = 0;
  let bytes = 0;
  try {
    for await (const item of readForeignDump(source, options)) {
      options.signal?.throwIfAborted();
      if (item.type === 'fault') {
        faultCount += 1;
        if (faults.length < faultsListed) faults.push(item.fault);
        continue;
      }
      if (item.type === 'end') ({ notes, writerMajor } = item);
      if (item.type === 'connect' || item.type === 'end') continue;
      const { judgement } = item;
      if (item.type === 'long') {
        for await (const _ of item.bytes) options.signal?.throwIfAborted();
        long.set(item.offset, item.byteCount());
        bytes += item.byteCount();
      } else bytes += item.text.length;
      if (judgement.action === 'skip') countSkipped(skipped, judgement.kind);
      else statements += 1;
      if (judgement.table !== undefined) tables.add(judgement.table);
      if (item.type === 'copy') {
        for await (const chunk of item.rows) {
          options.signal?.throwIfAborted();
          bytes += chunk.length;
        }
        rows += item.rowCount();
      } else if (judgement.label.startsWith('INSERT INTO')) rows += 1;
    }
  } catch (error) {
    // What stops the reading comes after what was found on the way.
    if (!(error instanceof SyncError) || error === options.signal?.reason) throw error;
    faultCount += 1;
    faults.push(error);
  }
  refuse(faults, faultCount);
  return { statements, tables: tables.size, rows, bytes, skipped, notes, writerMajor, long };
}

function refuse(faults: readonly SyncError[], count: number): void {
  const [first] = faults;
  if (first === undefined) return;
  if (count === 1) throw first;
  throw new SyncError(
    first.code,
    `${first.message} The file has ${count - 1} more such fault(s). Nothing was changed.`,
    {
      hint: first.hint,
      details: { ...first.details, faults: faults.map(({ message }) => message) },
      cause: first,
    },
  );
}

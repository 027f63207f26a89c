import type { Readable } from 'node:stream';
import { copyFrame } from './copy-frame.ts';
import type { DumpFileWriter, SegmentFacts } from './dump-file-writer.ts';
import { RowBlocks } from './row-blocks.ts';
import type { BlockPiece } from './row-blocks.ts';
import type { ManifestTable } from './manifest.ts';

/** Size of a data block before compression: an export holds about two of them a reader, a load none. */
const blockBytes = 1024 * 1024;

export interface WrittenRows {
  readonly rows: number;
  readonly rawBytes: number;
}

/** What stands around the rows of a block, and what the manifest says of it. */
export interface BlockFrame {
  readonly head: Buffer;
  readonly tail: Buffer;
  readonly facts: Omit<SegmentFacts, 'rows'>;
  /** All rows in one block, however many. */
  readonly oneBlock?: boolean;
  /** Rows are short: none is cut. */
  readonly wholeRows?: boolean;
}

/**
 * Writes one table's COPY stream as data blocks. Rows of an extension's table are one block: the table has its
 * constraints already, and rows may refer to each other.
 */
export function writeTable(
  writer: DumpFileWriter,
  table: ManifestTable,
  rows: Readable,
  onWritten: (rows: number, rawBytes: number) => void,
): Promise<WrittenRows> {
  const { head, tail } = copyFrame(table);
  const facts = {
    section: 'data' as const,
    table: table.id,
    headBytes: head.length,
    tailBytes: tail.length,
  };
  return writeBlocks(writer, { head, tail, facts, oneBlock: table.extensionConfig }, rows, onWritten);
}

/**
 * Writes a COPY stream as blocks of whole rows. Back-pressure: the stream is read only as fast as the file takes it.
 * Memory: about two blocks. Rejects with the stream's own error or the writer's.
 */
export async function writeBlocks(
  writer: DumpFileWriter,
  frame: BlockFrame,
  rows: Readable,
  onWritten: (rows: number, rawBytes: number) => void,
): Promise<WrittenRows> {
  const { head, tail, oneBlock = false, wholeRows = false } = frame;
  const total = { rows: 0, rawBytes: 0 };
  const count = (piece: BlockPiece): void => {
    total.rows += piece.rows;
    total.rawBytes += piece.bytes;
    onWritten(piece.rows, piece.bytes);
  };
  const facts = (blockRows: number): SegmentFacts => ({ ...frame.facts, rows: blockRows });
  const pieces = cutRows(rows, wholeRows);
  for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) {
    const first = next.value;
    if (!first.open && !oneBlock) {
      await writer.append(facts(first.rows), [head, ...first.chunks, tail]);
      count(first);
      continue;
    }
    // A row longer than a block, or everything in one block: stream its pieces into one segment until its end.
    let blockRows = 0;
    await writer.appendStream(
      (async function* () {
        yield head;
        for (let piece: BlockPiece | undefined = first; piece !== undefined;) {
          yield* piece.chunks;
          count(piece);
          blockRows += piece.rows;
          if (!piece.open && !oneBlock) break;
          const following: IteratorResult<BlockPiece, void> = await pieces.next();
          piece = following.done === true ? undefined : following.value;
        }
        yield tail;
      })(),
      () => facts(blockRows),
    );
  }
  return total;
}

/** A COPY stream in blocks of about 1 MiB. */
export async function* cutRows(rows: Readable, wholeRows: boolean): AsyncGenerator<BlockPiece, void> {
  const blocks = new RowBlocks(blockBytes, wholeRows);
  for await (const chunk of rows) {
    const piece = blocks.add(chunk as Buffer);
    if (piece !== null) yield piece;
  }
  const rest = blocks.end();
  if (rest !== null) yield rest;
}

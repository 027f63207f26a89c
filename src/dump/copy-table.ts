import type { Readable } from 'node:stream';
import { copyHead, copyTail } from './copy-frame.ts';
import type { DumpFileWriter } from './dump-file-writer.ts';
import { RowBlocks } from './row-blocks.ts';
import type { BlockPiece } from './row-blocks.ts';
import type { ManifestTable } from './manifest.ts';

/** Size of a data block before compression: an export holds about two of them a reader, a load none. */
const blockBytes = 1024 * 1024;

export interface WrittenRows {
  readonly rows: number;
  readonly rawBytes: number;
}

/**
 * Writes one table's COPY stream as data blocks. Back-pressure: the stream is read only as fast as the file takes it.
 * Memory: about two blocks. Rejects with the stream's own error or the writer's.
 *
 * Rows of an extension's table are one block, however many: the table has its constraints already, and rows may refer to
 * each other.
 */
export async function writeTable(
  writer: DumpFileWriter,
  table: ManifestTable,
  rows: Readable,
  onWritten: (rows: number, rawBytes: number) => void,
): Promise<WrittenRows> {
  const head = copyHead(table);
  const total = { rows: 0, rawBytes: 0 };
  const count = (piece: BlockPiece): void => {
    total.rows += piece.rows;
    total.rawBytes += piece.bytes;
    onWritten(piece.rows, piece.bytes);
  };
  const facts = (blockRows: number) => ({
    section: 'data' as const,
    table: table.id,
    rows: blockRows,
    headBytes: head.length,
    tailBytes: copyTail.length,
  });
  const pieces = cut(rows);
  for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) {
    const first = next.value;
    if (!first.open && !table.extensionConfig) {
      await writer.append(facts(first.rows), [head, ...first.chunks, copyTail]);
      count(first);
      continue;
    }
    // A row longer than a block, or a table in one block: stream its pieces into one segment until its end.
    let blockRows = 0;
    await writer.appendStream(
      (async function* () {
        yield head;
        for (let piece: BlockPiece | undefined = first; piece !== undefined;) {
          yield* piece.chunks;
          count(piece);
          blockRows += piece.rows;
          if (!piece.open && !table.extensionConfig) break;
          const following: IteratorResult<BlockPiece, void> = await pieces.next();
          piece = following.done === true ? undefined : following.value;
        }
        yield copyTail;
      })(),
      () => facts(blockRows),
    );
  }
  return total;
}

async function* cut(rows: Readable): AsyncGenerator<BlockPiece, void> {
  const blocks = new RowBlocks(blockBytes);
  for await (const chunk of rows) {
    const piece = blocks.add(chunk as Buffer);
    if (piece !== null) yield piece;
  }
  const rest = blocks.end();
  if (rest !== null) yield rest;
}

import { writeBlocks } from '../../dump/copy-table.ts';
import type { DumpFileWriter } from '../../dump/dump-file-writer.ts';
import { asOwner } from '../../postgres/large-objects/contents.ts';
import type { LargeObjectSink } from './read.ts';

/** The end of a segment: the role that runs the file is in force again. */
const tail = Buffer.from('RESET ROLE;\n\n');
const begin = Buffer.from('BEGIN;\n');
const commit = Buffer.from('COMMIT;\n\n');

/** Writes large objects into a dump. Each segment can be run by itself once those of the parts before it have been. */
export function dumpSink(writer: DumpFileWriter): LargeObjectSink {
  return {
    rows: ({ part, owner, frame }, rows, onWritten) => {
      const head = Buffer.from(asOwner(owner));
      return writeBlocks(
        writer,
        {
          head: Buffer.concat([head, Buffer.from(frame.head)]),
          tail: Buffer.concat([Buffer.from(frame.tail), tail]),
          facts: {
            section: 'large-objects',
            part,
            owner,
            headBytes: head.length,
            tailBytes: tail.length,
          },
          wholeRows: true,
        },
        rows,
        onWritten,
      );
    },
    statements: (part, statements) =>
      writer.append(
        {
          section: 'large-objects',
          part,
          rows: statements.length,
          headBytes: begin.length,
          tailBytes: commit.length,
        },
        [begin, Buffer.from(`${statements.join('\n')}\n`), commit],
      ),
  };
}

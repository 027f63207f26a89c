import type { SyncError } from '../../errors/sync-error.ts';
import { splitSql } from '../../postgres/lexer/split-sql.ts';
import { checkedRows } from './checked-rows.ts';
import { DumpState } from './dump-state.ts';
import { judgeStatement } from './judge-statement.ts';
import type { ForeignOptions, Judgement } from './judgement.ts';
import { plainBytes } from './plain-bytes.ts';

interface Judged {
  /** From 1, in the decompressed file. */
  readonly line: number;
  readonly judgement: Judgement;
}

export type ForeignItem =
  | (Judged & { readonly type: 'statement'; readonly text: Buffer })
  /** Rows are checked as they are read: STORAGE_DUMP_ENCODING, STORAGE_DUMP_INCOMPLETE. */
  | (Judged & {
      readonly type: 'copy';
      readonly text: Buffer;
      readonly rows: AsyncIterable<Buffer>;
      rowCount(): number;
    })
  /** The file goes on as on a new connection: `--create` has its `\connect` there. */
  | { readonly type: 'connect'; readonly line: number }
  /** What people should know about the whole file; the last items. */
  | { readonly type: 'note'; readonly text: string }
  /** Something for which the file is refused; reading goes on behind it. */
  | { readonly type: 'fault'; readonly line: number; readonly fault: SyncError };

/**
 * Reads a plain `pg_dump` file (13 to 18, COPY or INSERT, plain or gzip) statement by statement, each with what is to be
 * done with it. Memory: some chunks and one statement. At the file's end it throws STORAGE_DUMP_INCOMPLETE when
 * something is missing there; errors of `plainBytes` and `splitSql` pass.
 */
export async function* readForeignDump(
  source: AsyncIterable<Buffer>,
  options: ForeignOptions,
): AsyncGenerator<ForeignItem, void, undefined> {
  const dump = new DumpState();
  for await (const item of splitSql(plainBytes(source))) {
    const { line } = item;
    if (item.type === 'comment') {
      const fault = dump.comment(line, item.text.toString('latin1'));
      if (fault !== null) yield { type: 'fault', line, fault };
    } else if (item.type === 'psql') {
      const result = dump.psql(line, item.text);
      if (result === 'connected') yield { type: 'connect', line };
      else if (result !== 'passed') yield { type: 'fault', line, fault: result };
    } else {
      const judgement = dump.judged(judgeStatement({ ...item, hasRows: item.type === 'copy' }, options));
      const fault = dump.statement(item, judgement);
      if (fault !== null) yield { type: 'fault', line, fault };
      else if (item.type === 'statement') yield { type: 'statement', line, judgement, text: item.text };
      else {
        const rows = checkedRows(item.data, line + 1, dump.isUtf8);
        yield { type: 'copy', line, judgement, text: item.text, rows, rowCount: () => item.data.rows };
      }
    }
  }
  for (const text of dump.end()) yield { type: 'note', text };
}

import type { SyncError } from '../errors/sync-error.ts';
import { splitSql } from '../sql-lexer/split-sql.ts';
import type { SqlItem } from '../sql-lexer/split-sql.ts';
import { checkedBytes } from './checked-bytes.ts';
import { checkedLines } from './checked-lines.ts';
import { DumpState, refused } from './dump-state.ts';
import { judgeLong } from './rules/judge-long.ts';
import { judgeStatement } from './rules/judge-statement.ts';
import type { ForeignOptions, Judgement } from './rules/judgement.ts';
import { computes } from './rules/object-rules.ts';
import { longBytes, serverLimits, sizeOf } from './limits.ts';
import type { DumpLimits } from './limits.ts';
import { plainBytes } from './plain-bytes.ts';

interface Judged {
  /** From 1, in the decompressed file. */
  readonly line: number;
  readonly judgement: Judgement;
}

export interface ReadOptions extends ForeignOptions {
  /** Instead of those of servers and of our memory. */
  readonly limits?: DumpLimits | undefined;
}

export type ForeignItem =
  | (Judged & { readonly type: 'statement'; readonly text: Buffer })
  /** Rows are checked as they are read: STORAGE_DUMP_ENCODING, STORAGE_DUMP_INCOMPLETE, STORAGE_DUMP_FOREIGN. */
  | (Judged & {
      readonly type: 'copy';
      readonly text: Buffer;
      readonly rows: AsyncIterable<Buffer>;
      rowCount(): number;
    })
  /**
   * A statement that is not held: its bytes are checked as they are read, and counted. `offset` is its first byte's.
   */
  | (Judged & {
      readonly type: 'long';
      readonly offset: number;
      readonly bytes: AsyncIterable<Buffer>;
      byteCount(): number;
    })
  /** The file goes on as on a new connection: `--create` has its `\connect` there. */
  | { readonly type: 'connect'; readonly line: number }
  /** What people should know about the whole file, and the major of the pg_dump that wrote it; the last item. */
  | { readonly type: 'end'; readonly notes: readonly string[]; readonly writerMajor: number | null }
  /** Something for which the file is refused; reading goes on behind it. */
  | { readonly type: 'fault'; readonly line: number; readonly fault: SyncError };

/**
 * Reads a plain `pg_dump` file (13 to 18, COPY or INSERT, plain or gzip) statement by statement, each with what is to
 * be done with it. Memory: some chunks and one statement. At the file's end it throws STORAGE_DUMP_INCOMPLETE when
 * something is missing there; errors of `plainBytes` and `splitSql` pass.
 */
export async function* readForeignDump(
  source: AsyncIterable<Buffer>,
  options: ReadOptions,
): AsyncGenerator<ForeignItem, void, undefined> {
  const dump = new DumpState();
  const { statementBytesMax } = options.limits ?? serverLimits;
  for await (const item of splitSql(plainBytes(source), { longBytes, statementBytesMax })) {
    const { line } = item;
    if (item.type === 'comment') {
      const fault = dump.comment(line, item.text.toString('latin1'));
      if (fault !== null) yield { type: 'fault', line, fault };
    } else if (item.type === 'psql') {
      const result = dump.psql(line, item.text);
      if (result === 'connected') yield { type: 'connect', line };
      else if (result !== 'passed') yield { type: 'fault', line, fault: result };
    } else if (item.type === 'long') {
      yield* readLong(dump, item, options);
    } else {
      yield readStatement(dump, item, options);
    }
  }
  yield { type: 'end', notes: dump.end(), writerMajor: dump.writerMajor };
}

function readStatement(
  dump: DumpState,
  item: SqlItem & { readonly type: 'statement' | 'copy' },
  options: ReadOptions,
): ForeignItem {
  const { line, text, type } = item;
  const judgement = dump.judged(judgeStatement({ ...item, hasRows: type === 'copy' }, options));
  const fault = dump.statement(item, judgement);
  if (fault !== null) return { type: 'fault', line, fault };
  if (type === 'statement') return { type, line, judgement, text };
  const { data } = item;
  const at = (): number => line + 1 + data.rows;
  const checked = checkedBytes(data, { what: 'the rows', mustBeUtf8: item.encoding.isUtf8, line: at });
  const rows = checkedLines(checked, judgement.label, at, options.limits);
  return { type, line, judgement, text, rows, rowCount: () => data.rows };
}

/** Rows and large objects go on in pieces; anything else is gathered, up to what memory is there for. */
async function* readLong(
  dump: DumpState,
  item: SqlItem & { readonly type: 'long' },
  options: ReadOptions,
): AsyncGenerator<ForeignItem, void, undefined> {
  const { all, ...statement } = item;
  const { line, offset, encoding } = statement;
  const { serverBytesMax, statementBytesMax } = options.limits ?? serverLimits;
  const long = judgeLong({ ...statement, hasRows: false }, options);
  if (long === null) {
    const pieces: Buffer[] = [];
    for await (const piece of all) {
      if (all.bytes <= statementBytesMax) pieces.push(piece);
      else pieces.length = 0;
    }
    if (all.bytes > statementBytesMax) {
      const reason = `it has more than ${sizeOf(statementBytesMax)} and holds no rows`;
      yield { type: 'fault', line, fault: refused(line, 'a statement', reason) };
      return;
    }
    const text = Buffer.concat(pieces);
    yield readStatement(dump, { ...statement, type: 'statement', text }, options);
    return;
  }
  const { judgement } = long;
  const fault = dump.statement({ line, text: Buffer.alloc(0), encoding }, judgement);
  if (fault !== null) {
    yield { type: 'fault', line, fault };
    return;
  }
  const what = `${judgement.label}: its values`;
  const bytes = checkedBytes(all, { what, mustBeUtf8: item.encoding.isUtf8, line: () => line });
  yield { type: 'long', line, offset, judgement, bytes, byteCount: () => all.bytes };
  await all.drain();
  if (!all.insertsConstants) {
    yield { type: 'fault', line, fault: refused(line, judgement.label, computes) };
  } else if (long.tokens !== null && all.tokens !== long.tokens) {
    const reason = 'a plain dump calls only its own few functions, with constants';
    yield { type: 'fault', line, fault: refused(line, judgement.label, reason) };
  } else if (all.bytes > serverBytesMax) {
    const reason =
      `it has more than ${sizeOf(serverBytesMax)}, ` +
      'which no server takes in one statement (dump with COPY instead)';
    yield { type: 'fault', line, fault: refused(line, judgement.label, reason) };
  }
}

import { SyncError } from '../errors/sync-error.ts';
import { byte } from './bytes.ts';
import { clientEncodingAfter } from './client-encoding-after.ts';
import { utf8 } from './client-encoding.ts';
import type { ClientEncoding } from './client-encoding.ts';
import { ChunkReader } from './chunk-reader.ts';
import { CopyData } from './copy-data.ts';
import { LongStatement } from './long-statement.ts';
import { MaskedChunks } from './masked-chunks.ts';
import { SqlLexer } from './sql-lexer.ts';
import { standardStringsAfter } from './standard-strings.ts';
import { StatementTracker } from './statement-tracker.ts';

/** A larger statement is refused: the server takes no message above 1 GiB, and one statement is held in memory. */
const statementBytesMax = 256 * 1024 * 1024;
/** Of a comment or a psql command between statements only this much is kept. */
const remarkBytesMax = 1024;

interface Place {
  /** From 1, of the first byte. */
  readonly line: number;
  /** Of the first byte, in the whole input. */
  readonly offset: number;
}

interface Statement extends Place {
  readonly text: Buffer;
  /** `standard_conforming_strings` as it is when the statement is read. */
  readonly standardStrings: boolean;
  /** `client_encoding` as it is when the statement is read. */
  readonly encoding: ClientEncoding;
  /** False for an INSERT of something else than constants; of a long one `all` knows it at its end. */
  readonly insertsConstants: boolean;
}

export type SqlItem =
  /** `text` ends with its semicolon; comments before it are left out, those inside are part of it. */
  | (Statement & { readonly type: 'statement' })
  /** Data not read by the consumer are read over before the next item. */
  | (Statement & { readonly type: 'copy'; readonly data: CopyData })
  /** A statement of more than `longBytes`: `text` is its beginning, `all` the whole. What is not read is read over. */
  | (Statement & { readonly type: 'long'; readonly all: LongStatement })
  /** A comment between statements, its first KiB. */
  | (Place & { readonly type: 'comment'; readonly text: Buffer })
  /** A psql command between statements: the rest of its line from the backslash, first KiB. */
  | (Place & { readonly type: 'psql'; readonly text: Buffer });

export interface SplitOptions {
  /** A larger statement is refused. */
  readonly statementBytesMax?: number | undefined;
  /** A statement that reaches over so many bytes of chunks is handed on in pieces; never, where this is not given. */
  readonly longBytes?: number | undefined;
}

/**
 * Splits SQL as psql would (docs/facts/postgresql.md#lexical-rules), from chunks cut anywhere, without substituting
 * psql variables. Memory: one chunk and one statement up to `longBytes` or `statementBytesMax`; COPY rows are never
 * gathered. Errors: STORAGE_DUMP_INCOMPLETE (the input ends inside a statement or inside rows), STORAGE_DUMP_FOREIGN
 * (a psql command inside a statement, a statement too large, SQL behind a COPY on its line); each names the line.
 */
export async function* splitSql(
  chunks: AsyncIterable<Buffer>,
  options: SplitOptions = {},
): AsyncGenerator<SqlItem, void, undefined> {
  const splitter = new Splitter(chunks, options);
  try {
    for (let item = await splitter.next(); item !== null; item = await splitter.next()) {
      yield item;
      if (item.type === 'copy') await item.data.drain();
      if (item.type === 'long') await item.all.drain();
    }
  } finally {
    await splitter.close();
  }
}

class Splitter {
  readonly #reader: ChunkReader;
  readonly #lexer = new SqlLexer();
  readonly #tracker = new StatementTracker();
  readonly #bytesMax: number;
  readonly #longBytes: number;
  /** The open statement's bytes in earlier chunks, from `#keptFrom` on. */
  #kept: Buffer[] = [];
  #keptFrom = 0;
  #keptBytes = 0;
  #keptLine = 1;
  #begun = false;
  readonly #masked = new MaskedChunks();

  constructor(chunks: AsyncIterable<Buffer>, options: SplitOptions) {
    this.#reader = new ChunkReader(chunks);
    this.#bytesMax = options.statementBytesMax ?? statementBytesMax;
    this.#longBytes = options.longBytes ?? Infinity;
  }

  async next(): Promise<SqlItem | null> {
    const reader = this.#reader;
    if (!this.#begun) await this.#skipByteOrderMark();
    while (await reader.fill()) {
      this.#scan();
      const item = await this.#item();
      if (item !== null) return item;
      if (reader.at === reader.chunk.length) this.#keepOpen();
      if (this.#tracker.start !== null && this.#keptBytes > this.#longBytes) return this.#long();
    }
    return this.#end();
  }

  #scan(): void {
    const reader = this.#reader;
    this.#tracker.event = null;
    const chunk = this.#masked.view(reader.chunk, reader.at);
    reader.at = this.#lexer.scan(chunk, reader.at, reader.base, this.#tracker);
  }

  async close(): Promise<void> {
    await this.#reader.close();
  }

  async #skipByteOrderMark(): Promise<void> {
    this.#begun = true;
    const reader = this.#reader;
    while (reader.chunk.length < 3 && (await reader.extend()));
    if (reader.chunk[0] === 0xef && reader.chunk[1] === 0xbb && reader.chunk[2] === 0xbf) reader.at = 3;
  }

  async #item(): Promise<SqlItem | null> {
    const { event } = this.#tracker;
    if (event === null) return null;
    switch (event.type) {
      case 'comment': {
        const place = this.#place(event.start);
        return { type: 'comment', ...place, text: this.#take(event.start, event.end, remarkBytesMax) };
      }
      case 'backslash': {
        const place: Place = { line: this.#reader.lineAt(event.start), offset: event.start };
        const text = await this.#psqlText();
        if (event.insideStatement) throw psqlInside(place.line, text);
        // What it leads to is a new connection, and reads strings as the standard says until it is told otherwise.
        if (isConnect(text)) {
          this.#lexer.standardStrings = true;
          this.#masked.encoding = utf8;
        }
        this.#masked.restart();
        return { type: 'psql', ...place, text };
      }
      case 'statement': {
        const place = this.#place(event.start);
        const text = this.#take(event.start, event.end, this.#bytesMax);
        if (event.end - event.start > this.#bytesMax) throw this.#tooLarge(place.line);
        const { standardStrings } = this.#lexer;
        const { encoding } = this.#masked;
        const { insertsConstants } = this.#tracker;
        const statement: Statement = { ...place, text, standardStrings, encoding, insertsConstants };
        this.#lexer.standardStrings = standardStringsAfter(standardStrings, this.#tracker.head, text);
        this.#masked.encoding = clientEncodingAfter(encoding, this.#tracker.head, text);
        if (!event.copyIn) return { type: 'statement', ...statement };
        this.#masked.restart();
        await this.#expectLineEnd(place.line);
        return { type: 'copy', ...statement, data: new CopyData(this.#reader) };
      }
      default:
        return event satisfies never;
    }
  }

  #long(): SqlItem {
    const text = Buffer.concat(this.#kept);
    const line = this.#keptLine;
    const { standardStrings } = this.#lexer;
    const all = new LongStatement(text, this.#tracker, () => this.#more(line));
    this.#forget();
    const offset = this.#keptFrom;
    const { encoding } = this.#masked;
    return { type: 'long', line, offset, text, standardStrings, encoding, insertsConstants: true, all };
  }

  /** The next piece of the open statement; null when it has ended. */
  async #more(line: number): Promise<Buffer | null> {
    const reader = this.#reader;
    if (this.#tracker.start === null) return null;
    if (!(await reader.fill())) throw this.#cut(line);
    const from = reader.at;
    this.#scan();
    const { event } = this.#tracker;
    if (event?.type === 'backslash') throw psqlInside(line, await this.#psqlText());
    if (event?.type === 'statement' && event.copyIn) throw this.#tooLarge(line);
    return reader.chunk.subarray(from, reader.at);
  }

  async #psqlText(): Promise<Buffer> {
    return Buffer.concat([Buffer.from('\\'), await this.#restOfLine()]);
  }

  #place(offset: number): Place {
    const line = this.#kept.length > 0 ? this.#keptLine : this.#reader.lineAt(offset);
    return { line, offset };
  }

  /** The bytes `[start, end)`, of which a part may have been kept from earlier chunks. */
  #take(start: number, end: number, bytesMax: number): Buffer {
    const { chunk, base } = this.#reader;
    const tail = chunk.subarray(Math.max(0, start - base), end - base);
    const text = this.#kept.length === 0 ? tail : Buffer.concat([...this.#kept, tail]);
    this.#forget();
    return text.length <= bytesMax ? text : text.subarray(0, bytesMax);
  }

  #forget(): void {
    this.#kept = [];
    this.#keptBytes = 0;
  }

  /** The chunk is used up: what it holds of an open statement or token is kept. */
  #keepOpen(): void {
    const from = this.#tracker.start ?? this.#lexer.openSince;
    if (from === null) {
      this.#forget();
      return;
    }
    const { chunk, base } = this.#reader;
    if (this.#kept.length === 0) {
      this.#keptFrom = from;
      this.#keptLine = this.#reader.lineAt(from);
    }
    const isRemark = this.#tracker.start === null && this.#lexer.inComment;
    if (isRemark && this.#keptBytes > remarkBytesMax) return;
    const piece = chunk.subarray(Math.max(0, this.#keptFrom - base));
    this.#kept.push(piece);
    this.#keptBytes += piece.length;
    if (!isRemark && this.#keptBytes > this.#bytesMax) throw this.#tooLarge(this.#keptLine);
  }

  async #restOfLine(): Promise<Buffer> {
    const reader = this.#reader;
    const pieces: Buffer[] = [];
    let bytes = 0;
    while (await reader.fill()) {
      const lineEnd = reader.chunk.indexOf(byte.lineFeed, reader.at);
      const end = lineEnd === -1 ? reader.chunk.length : lineEnd;
      if (bytes < remarkBytesMax) pieces.push(reader.chunk.subarray(reader.at, end));
      bytes += end - reader.at;
      reader.at = end;
      if (lineEnd !== -1) break;
    }
    this.#forget();
    return Buffer.concat(pieces).subarray(0, remarkBytesMax);
  }

  /** The rows begin at the next line; psql would read what else stands on the COPY's line after them. */
  async #expectLineEnd(line: number): Promise<void> {
    const rest = await this.#restOfLine();
    const reader = this.#reader;
    if (rest.toString('latin1').trim() !== '') {
      throw new SyncError('STORAGE_DUMP_FOREIGN', `Line ${line}: something follows COPY on its line.`, {
        details: { line },
      });
    }
    if (await reader.fill()) reader.at += 1;
  }

  /** The input is used up: a last comment, or null when nothing is open. */
  #end(): SqlItem | null {
    const { offset } = this.#reader;
    this.#tracker.event = null;
    this.#lexer.end(offset, this.#tracker);
    if (this.#tracker.event !== null) {
      const text = Buffer.concat(this.#kept).subarray(0, remarkBytesMax);
      const item: SqlItem = { type: 'comment', line: this.#keptLine, offset: this.#keptFrom, text };
      this.#forget();
      return item;
    }
    if (this.#tracker.start === null && this.#lexer.openSince === null) return null;
    throw this.#cut(this.#keptLine);
  }

  #cut(line: number): SyncError {
    const open = this.#lexer.openThing ?? 'a statement';
    return new SyncError(
      'STORAGE_DUMP_INCOMPLETE',
      `The file ends inside ${open}: the statement that begins at line ${line} has no end.`,
      { details: { line } },
    );
  }

  #tooLarge(line: number): SyncError {
    return new SyncError(
      'STORAGE_DUMP_FOREIGN',
      `Line ${line}: a statement is larger than ${this.#bytesMax} bytes.`,
      {
        details: { line },
        hint: 'Write the dump without --inserts (pg_dump’s default is COPY), so that rows are not statements.',
      },
    );
  }
}

function psqlInside(line: number, text: Buffer): SyncError {
  return new SyncError(
    'STORAGE_DUMP_FOREIGN',
    `Line ${line}: the psql command ${psqlCommandName(text)} stands inside a statement.`,
    { details: { line } },
  );
}

function isConnect(text: Buffer): boolean {
  return ['\\connect', '\\c'].includes(psqlCommandName(text));
}

/** `\connect` of `\connect other`: the command's name without its arguments. */
export function psqlCommandName(text: Buffer): string {
  return /^\\(?:[A-Za-z_]+|[!-~])?/.exec(text.toString('latin1'))?.[0] ?? '\\';
}

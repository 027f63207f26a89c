import { maskCharacters, utf8 } from './client-encoding.ts';
import type { ClientEncoding } from './client-encoding.ts';
import { SqlLexer } from './sql-lexer.ts';
import type { TokenKind } from './sql-lexer.ts';

/** A token of a statement. */
export class Token {
  readonly kind: TokenKind;
  /** A bare word in lower case; '' for every other kind. */
  readonly word: string;
  readonly #statement: Buffer;
  readonly #start: number;
  readonly #end: number;
  readonly #encoding: ClientEncoding;

  constructor(
    kind: TokenKind,
    word: string,
    statement: Buffer,
    start: number,
    end: number,
    encoding: ClientEncoding,
  ) {
    this.kind = kind;
    this.word = word;
    this.#statement = statement;
    this.#start = start;
    this.#end = end;
    this.#encoding = encoding;
  }

  /** The statement with something else in this token's place. */
  replacedBy(bytes: Buffer): Buffer {
    return Buffer.concat([
      this.#statement.subarray(0, this.#start),
      bytes,
      this.#statement.subarray(this.#end),
    ]);
  }

  /** The statement without what stands from this token to the last. */
  cutTo(last: Token): Buffer {
    return Buffer.concat([this.#statement.subarray(0, this.#start), this.#statement.subarray(last.#end)]);
  }

  /** As written, in the statement's encoding. */
  get bytes(): Buffer {
    return this.#statement.subarray(this.#start, this.#end);
  }

  /** As written. Read on demand: a string may be most of a large statement. */
  get text(): string {
    return this.#encoding.decode(this.bytes);
  }
}

export interface TokenOptions {
  readonly standardStrings?: boolean | undefined;
  readonly encoding?: ClientEncoding | undefined;
  /** The first so many; all when not said. */
  readonly limit?: number | undefined;
}

/** The tokens of a statement that ends with its semicolon; comments left out. */
export function tokensOf(statement: Buffer, options: TokenOptions = {}): readonly Token[] {
  const tokens: Token[] = [];
  const limit = options.limit ?? Infinity;
  const lexer = new SqlLexer();
  lexer.standardStrings = options.standardStrings ?? true;
  const encoding = options.encoding ?? utf8;
  lexer.scan(maskCharacters(statement, encoding).masked, 0, 0, {
    token(kind, start, end, text) {
      if (kind === 'comment') return false;
      tokens.push(new Token(kind, kind === 'word' ? text : '', statement, start, end, encoding));
      return tokens.length >= limit;
    },
  });
  return tokens;
}

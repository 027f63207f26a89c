import { SqlLexer } from './sql-lexer.ts';
import type { TokenKind } from './sql-lexer.ts';

export interface Token {
  readonly kind: TokenKind;
  /** Words in lower case, everything else as written. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export interface TokenOptions {
  readonly standardStrings?: boolean | undefined;
}

/** The first `limit` tokens of a statement that ends with its semicolon; comments left out. */
export function tokensOf(statement: Buffer, limit: number, options: TokenOptions = {}): readonly Token[] {
  const tokens: Token[] = [];
  const lexer = new SqlLexer();
  lexer.standardStrings = options.standardStrings ?? true;
  lexer.scan(statement, 0, 0, {
    token(kind, start, end) {
      if (kind === 'comment') return false;
      const written = statement.subarray(start, end).toString('utf8');
      tokens.push({ kind, text: kind === 'word' ? written.toLowerCase() : written, start, end });
      return tokens.length >= limit;
    },
  });
  return tokens;
}

import { SqlLexer } from './sql-lexer.ts';
import type { TokenKind } from './sql-lexer.ts';

export interface Token {
  readonly kind: TokenKind;
  /** As written. */
  readonly text: string;
  /** A bare word in lower case; '' for every other kind. */
  readonly word: string;
}

export interface TokenOptions {
  readonly standardStrings?: boolean | undefined;
  /** The first so many; all when not said. */
  readonly limit?: number | undefined;
}

/** The tokens of a statement that ends with its semicolon; comments left out. */
export function tokensOf(statement: Buffer, options: TokenOptions = {}): readonly Token[] {
  const tokens: Token[] = [];
  const limit = options.limit ?? Infinity;
  const lexer = new SqlLexer();
  lexer.standardStrings = options.standardStrings ?? true;
  lexer.scan(statement, 0, 0, {
    token(kind, start, end) {
      if (kind === 'comment') return false;
      const text = statement.toString('utf8', start, end);
      tokens.push({ kind, text, word: kind === 'word' ? text.toLowerCase() : '' });
      return tokens.length >= limit;
    },
  });
  return tokens;
}

import type { Token } from '../../sql-lexer/tokens.ts';

/** Reads the tokens of a statement one after the other. */
export class TokenCursor {
  readonly tokens: readonly Token[];
  at = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  /** The next token as a bare word in lower case; '' where it is something else. */
  get word(): string {
    return this.tokens[this.at]?.word ?? '';
  }

  /** The next token as written; '' at the end. */
  get text(): string {
    return this.tokens[this.at]?.text ?? '';
  }

  /** Passes over these words where they come next, in this order; false, and nothing passed, where they don't. */
  take(...words: readonly string[]): boolean {
    if (!words.every((word, index) => this.tokens[this.at + index]?.word === word)) return false;
    this.at += words.length;
    return true;
  }

  takeSymbol(symbol: string): boolean {
    const token = this.tokens[this.at];
    if (token?.kind !== 'symbol' || token.text !== symbol) return false;
    this.at += 1;
    return true;
  }

  skip(words: ReadonlySet<string>): void {
    while (words.has(this.word)) this.at += 1;
  }

  /** A name, dotted or not, as its parts are written; empty where none comes next. */
  name(): readonly string[] {
    const parts: string[] = [];
    do {
      const token = this.tokens[this.at];
      if (token === undefined || (token.kind !== 'word' && token.kind !== 'quoted')) return parts;
      parts.push(token.text);
      this.at += 1;
    } while (this.takeSymbol('.'));
    return parts;
  }
}

/** A part of a name as the catalogue holds it; null for `U&"…"`, whose escapes are not read here. */
export function plainName(part: string): string | null {
  if (/^u&/i.test(part)) return null;
  return part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part.toLowerCase();
}

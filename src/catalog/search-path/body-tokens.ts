import { SqlLexer } from '../../sql-lexer/sql-lexer.ts';
import type { TokenKind } from '../../sql-lexer/sql-lexer.ts';

export interface BodyToken {
  readonly kind: TokenKind;
  /** Names as the server folds them, text without its quotes, signs as they are. */
  readonly text: string;
  readonly end: number;
}

export function isName(token: BodyToken | undefined): boolean {
  return token !== undefined && (token.kind === 'word' || token.kind === 'quoted');
}

export function isOperator(text: string): boolean {
  return /^[-+*/<>=~!@#%^&|`?]+$/.test(text);
}

/** The names of text that is nothing else: `a`, `"A b".c`; none of other text. */
export function namesIn(text: string): readonly string[] {
  const one = String.raw`(?:"(?:[^"]|"")+"|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)`;
  if (!new RegExp(`^${one}(?:\\.${one})*$`).test(text)) return [];
  return [...text.matchAll(new RegExp(one, 'g'))].map(([name]) => folded(name));
}

function folded(name: string): string {
  if (name.startsWith('"')) return name.slice(1, -1).replaceAll('""', '"');
  return name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Of `U&"…"`, without UESCAPE. */
const escape = /\\(?:(\\)|\+([0-9a-f]{6})|([0-9a-f]{4}))/gi;

function character(_: string, backslash?: string, six?: string, four?: string): string {
  // What no server would run is in no name.
  return backslash ?? String.fromCodePoint(Math.min(Number.parseInt(six ?? four ?? '', 16), 0x10_ffff));
}

/** Tokens, with the signs of an operator (and `::`, `:=`) put together as the server does. */
export function bodyTokens(source: string): readonly BodyToken[] {
  // The lexer gives a token out when the next one begins.
  const bytes = Buffer.from(`${source}\n;`);
  const tokens: (BodyToken & { readonly start: number })[] = [];
  new SqlLexer().scan(bytes, 0, 0, {
    token(kind, start, end) {
      if (kind === 'comment') return false;
      const text = bytes.toString('utf8', start, end);
      const last = tokens.at(-1);
      const joined = (last?.text ?? '') + text;
      if (kind === 'symbol' && last?.kind === 'symbol' && last.end === start && isJoined(joined)) {
        tokens[tokens.length - 1] = { kind, text: joined, start: last.start, end };
        return false;
      }
      tokens.push({ kind, text: textOf(kind, text), start, end });
      return false;
    },
  });
  return tokens.flatMap((token) =>
    isOperator(token.text) && token.kind === 'symbol' ? split(token) : [token],
  );
}

function isJoined(text: string): boolean {
  return text === '::' || text === ':=' || isOperator(text);
}

/** An operator of several signs ends in `+` or `-` only where it holds one of the rarer signs (manual, "Operators"). */
function split(token: BodyToken): readonly BodyToken[] {
  let name = token.text;
  while (name.length > 1 && /[+-]$/.test(name) && !/[~!@#%^&|`?]/.test(name)) name = name.slice(0, -1);
  return name === token.text
    ? [token]
    : [
        { ...token, text: name },
        ...token.text
          .slice(name.length)
          .split('')
          .map((text) => ({ ...token, text })),
      ];
}

function textOf(kind: TokenKind, text: string): string {
  if (kind === 'quoted' && /^u&/i.test(text)) return folded(text.slice(2)).replaceAll(escape, character);
  if (kind === 'word' || kind === 'quoted') return folded(text);
  if (kind === 'string' && text.startsWith("'")) return text.slice(1, -1).replaceAll("''", "'");
  return text;
}

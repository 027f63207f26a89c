import { isName } from './body-tokens.ts';
import type { BodyToken } from './body-tokens.ts';

/**
 * What a PL/pgSQL body calls values by: names of its DECLARE sections, each with the plain name of its type (null where
 * it has none, or another form), and of loops over numbers. None where a column of the same name would come first.
 */
export function bodyVariables(tokens: readonly BodyToken[]): ReadonlyMap<string, string | null> {
  const variables = new Map<string, string | null>();
  for (let at = 0; at < tokens.length; at += 1) {
    if (isWord(tokens[at], 'use_column')) return new Map();
    const [name, after] = [tokens[at + 1], tokens[at + 2]];
    if (isWord(tokens[at], 'for') && isName(name) && isWord(after, 'in') && name !== undefined) {
      if (!variables.has(name.text)) variables.set(name.text, null);
    } else if (isWord(tokens[at], 'declare') && isStatementStart(tokens[at - 1])) {
      at = readSection(tokens, at + 1, variables);
    }
  }
  return variables;
}

/** Reads declarations up to BEGIN; returns its place. */
function readSection(
  tokens: readonly BodyToken[],
  start: number,
  variables: Map<string, string | null>,
): number {
  let at = start;
  while (at < tokens.length && !isWord(tokens[at], 'begin')) {
    const name = tokens[at];
    const end = declarationEnd(tokens, at);
    if (name !== undefined && isName(name) && !isWord(name, 'declare')) {
      const type = typeName(tokens.slice(at + 1, end));
      // Blocks may declare one name twice.
      variables.set(name.text, (variables.get(name.text) ?? type) === type ? type : null);
    }
    at = end + 1;
  }
  return at;
}

function declarationEnd(tokens: readonly BodyToken[], start: number): number {
  let end = start;
  while (end < tokens.length && tokens[end]?.text !== ';') end += 1;
  return end;
}

/** Words behind a declared name that end its type, or say that it is no variable of a type. */
const afterType = new Set(['collate', 'not', 'default', 'alias', 'cursor', 'no', 'scroll']);

/** `integer`, `numeric(8,2)`, `double precision`; null for `a.b`, `t%ROWTYPE`, `x[]` and what is no type. */
function typeName(tokens: readonly BodyToken[]): string | null {
  const words: string[] = [];
  for (const token of isWord(tokens[0], 'constant') ? tokens.slice(1) : tokens) {
    if (token.kind === 'word' && afterType.has(token.text)) break;
    if (['(', ':=', '='].includes(token.text)) break;
    if (!isName(token)) return null;
    words.push(token.text);
  }
  return words.length === 0 ? null : words.join(' ');
}

function isStatementStart(before: BodyToken | undefined): boolean {
  if (before === undefined) return true;
  return before.kind === 'word'
    ? /^(?:begin|then|else|loop)$/.test(before.text)
    : /^(?:;|>>)$/.test(before.text);
}

function isWord(token: BodyToken | undefined, text: string): boolean {
  return token?.kind === 'word' && token.text === text;
}

import { normalisedTokens } from './normalise.ts';

/**
 * A statement as the words that carry its meaning: names without the table or schema before them, constants, casts,
 * operators and keywords, in their order; without brackets and the case of keywords. What a server writes of an
 * expression it has read differs from what another one wrote in nothing else, so that equal meanings are taken for
 * one definition where the words cannot be expected to be equal. Two definitions of one meaning may still differ in
 * which of two tables a column is of, or two schemas a function: what they depend on is compared besides
 * (understood.ts).
 */
export function meaning(sql: string): string {
  const tokens = normalisedTokens(sql);
  const kept: string[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at] ?? '';
    if (token === '::') {
      const end = typeEnd(tokens, at + 1);
      kept.push(`::${typeName(tokens.slice(at + 1, end))}`);
      at = end - 1;
      continue;
    }
    if (tokens[at + 1] === '.' && isName(token)) {
      at += 1;
      continue;
    }
    if (!'()[],;'.includes(token)) kept.push(plain(token));
  }
  return kept.join('\u0000');
}

/** The same without an order: a child's columns that its parents have as well are put into the parents' order. */
export function unorderedMeaning(sql: string): string {
  return meaning(sql).split('\u0000').sort().join('\u0000');
}

function isName(token: string): boolean {
  return /^(?:"|[A-Za-z_\u0080-\uffff])/.test(token);
}

/** A name that needs no quotes is the same with them; keywords and such names have no case. */
function plain(token: string): string {
  if (/^"[a-z_][a-z0-9_$]*"$/.test(token)) return token.slice(1, -1);
  return /^[A-Za-z_]\w*$/.test(token) ? token.toLowerCase() : token;
}

/** Without its schema; brackets of arrays and lengths belong to it. */
function typeName(tokens: readonly string[]): string {
  const from = tokens[1] === '.' ? 2 : 0;
  return tokens.slice(from).map(plain).join(' ');
}

/** Words that go on a type's name. */
const wordsOfTypes = new Set(['varying', 'precision', 'with', 'without', 'time', 'zone']);

/** Place after the type that begins at `at`: `character varying(8)[]`, `"s"."t"`, `timestamp(3) with time zone`. */
function typeEnd(tokens: readonly string[], at: number): number {
  let end = at + 1;
  for (;;) {
    const token = tokens[end] ?? '';
    if (token === '.') end += 2;
    else if (wordsOfTypes.has(token)) end += 1;
    else if (token === '(' && /^\d+$/.test(tokens[end + 1] ?? '')) end = tokens.indexOf(')', end) + 1;
    else if (token === '[' && tokens[end + 1] === ']') end += 2;
    else return end;
  }
}

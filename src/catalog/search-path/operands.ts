import type { BodyToken } from './body-tokens.ts';
import { isName } from './body-tokens.ts';

/**
 * What stands beside an operator: an argument by its number or perhaps by its name, a field of something, the result
 * of a function, what is cast to a type, a number, or what the words do not tell.
 */
export type Operand =
  | { readonly argument: number | string }
  | { readonly type: string }
  | { readonly call: string }
  | 'field'
  | 'own'
  | 'any';

/** What ends before the token at `at`, as far as the nearest words tell. */
export function operandBefore(tokens: readonly BodyToken[], at: number): Operand {
  const [last, before, third] = [tokens[at - 1], tokens[at - 2], tokens[at - 3]];
  if (last === undefined) return 'any';
  if (last.kind === 'number') return numbered(last.text);
  if (last.text === ')') return callBefore(tokens, at - 1);
  if (!isName(last)) return 'any';
  if (before?.text === '.') return third?.text === ')' ? 'field' : 'any';
  return before?.text === '::' ? { type: last.text } : { argument: last.text };
}

function callBefore(tokens: readonly BodyToken[], end: number): Operand {
  let depth = 0;
  for (let at = end; at >= 0; at -= 1) {
    const text = tokens[at]?.text;
    if (text === ')') depth += 1;
    if (text === '(') depth -= 1;
    const name = tokens[at - 1];
    if (depth === 0) return name !== undefined && isName(name) ? { call: name.text } : 'any';
  }
  return 'any';
}

/** What begins after the token at `at`. A cast that follows says more than what is cast. */
export function operandAfter(tokens: readonly BodyToken[], at: number): Operand {
  const [first, second] = [tokens[at + 1], tokens[at + 2]];
  if (first === undefined) return 'any';
  const ends = (next: number): boolean => !['::', '.', '(', '['].includes(tokens[next]?.text ?? '');
  if (first.text === '(' && second?.text.startsWith('$') === true) {
    const isField = tokens[at + 3]?.text === ')' && tokens[at + 4]?.text === '.' && ends(at + 6);
    return isField ? 'field' : 'any';
  }
  if (tokens[at + 2]?.text === '::' && isName(tokens[at + 3]))
    return ends(at + 4) ? { type: tokens[at + 3]?.text ?? '' } : 'any';
  if (!ends(at + 2)) return 'any';
  if (first.kind === 'number') return numbered(first.text);
  return isName(first) ? { argument: first.text } : 'any';
}

/** `$1` and `$1.field` are numbers to the lexer. */
function numbered(text: string): Operand {
  if (!text.startsWith('$')) return 'own';
  return /^\$\d+$/.test(text) ? { argument: Number(text.slice(1)) } : 'field';
}

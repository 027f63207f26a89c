import { tokensOf } from './tokens.ts';

const setting = 'standard_conforming_strings';

/**
 * What `standard_conforming_strings` is after a statement, as far as the statement itself says: `SET [SESSION] … = | TO
 * value` and `RESET …` (our sessions' default is on). `head` is the statement's first tokens.
 */
export function standardStringsAfter(before: boolean, head: readonly string[], text: Buffer): boolean {
  if (head[0] === 'reset') return head[1] === setting || head[1] === 'all' ? true : before;
  if (head[0] !== 'set' || !head.includes(setting)) return before;
  const [, first, ...others] = tokensOf(text, { limit: 8 });
  const rest = first?.word === 'session' || first?.word === 'local' ? others : [first, ...others];
  if (rest[0]?.word !== setting) return before;
  const value = rest[2]?.text.replaceAll("'", '').trim().toLowerCase() ?? '';
  if (value === '') return before;
  if (value === 'default') return true;
  // The server's reading of a boolean: any prefix of these that says which, and `of` and longer for off.
  return !['false', 'no', 'off', '0'].some((word) => word.startsWith(value) && value !== 'o');
}

import type { Token } from '../../sql-lexer/tokens.ts';
import { run, skip } from './judgement.ts';
import type { Judgement } from './judgement.ts';

/**
 * `ALTER COLUMN … SET (pg_attver=1, n_distinct=5);`, the rest of an ALTER TABLE. Minors since November 2026 keep a
 * counter among the options of a column; a `pg_dump` that does not know it writes it as an option, which other servers
 * refuse. Null where there is none.
 */
export function withoutCounter(label: string, rest: readonly Token[]): Judgement | null {
  const [alter, column, , set, open] = rest;
  const setsOptions =
    alter?.word === 'alter' && column?.word === 'column' && set?.word === 'set' && open?.text === '(';
  const at = setsOptions ? rest.findIndex(({ word }) => word === 'pg_attver') : -1;
  const [counter, equals, value, after] = rest.slice(Math.max(at, 0));
  const before = rest[at - 1];
  if (at < 0 || counter === undefined || value === undefined || equals?.text !== '=') return null;
  if (after?.text === ',') return { ...run(label), instead: counter.cutTo(after) };
  if (before?.text === ',') return { ...run(label), instead: before.cutTo(value) };
  return skip(label, null);
}

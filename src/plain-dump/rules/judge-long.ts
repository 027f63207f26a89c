import { judgeStatement } from './judge-statement.ts';
import type { StatementText } from './judge-statement.ts';
import { run } from './judgement.ts';
import type { ForeignOptions, Judgement } from './judgement.ts';
import { tokensOf } from '../../sql-lexer/tokens.ts';

/** `SELECT pg_catalog.lowrite(0, '…');` up to its string, and all of its tokens. */
const lowrite = ['select', 'pg_catalog', '.', 'lowrite', '(', '0', ','];
const lowriteTokens = 10;

export interface LongJudgement {
  readonly judgement: Judgement;
  /** How many tokens the whole must have; null where what follows is rows and not looked at. */
  readonly tokens: number | null;
}

/**
 * What is done with a statement of which only the beginning is at hand. Null where the whole must be looked at: only
 * rows (INSERT) and the contents of large objects make statements long, anything else fits into memory.
 */
export function judgeLong(head: StatementText, options: ForeignOptions): LongJudgement | null {
  const tokens = tokensOf(head.text, { ...head, limit: lowrite.length });
  if (tokens[0]?.word === 'insert') return { judgement: judgeStatement(head, options), tokens: null };
  const isLowrite = lowrite.every((text, index) => tokens[index]?.text.toLowerCase() === text);
  return isLowrite ? { judgement: run('SELECT pg_catalog.lowrite'), tokens: lowriteTokens } : null;
}

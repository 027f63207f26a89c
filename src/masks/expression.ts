import { tokensOf } from '../sql-lexer/tokens.ts';

const pairs: Readonly<Record<string, string>> = { ')': '(', ']': '[' };
/** What a session or a moment changes: two sessions in one snapshot would see different rows. */
const unsteady: ReadonlySet<string> = new Set([
  'now',
  'current_date',
  'current_time',
  'current_timestamp',
  'localtime',
  'localtimestamp',
  'clock_timestamp',
  'statement_timestamp',
  'transaction_timestamp',
  'timeofday',
  'random',
  'random_normal',
  'gen_random_uuid',
  'uuidv4',
  'uuidv7',
  'nextval',
  'currval',
  'lastval',
  'txid_current',
  'pg_backend_pid',
]);

/**
 * What keeps a text of the configuration from standing between brackets as one expression; null if nothing does. Says
 * the rest of a sentence.
 */
export function expressionFault(sql: string): string | null {
  const tokens = tokensOf(Buffer.from(`${sql}\n;`)).slice(0, -1);
  const open: string[] = [];
  for (const { kind, text, word } of tokens) {
    if (kind === 'word' && unsteady.has(word))
      return `uses ${word}, which gives another answer each time; write a fixed value, or one made of the row`;
    if (text === ';') return 'must be one expression, without ";"';
    if (text === '(' || text === '[') open.push(text);
    if (text in pairs && open.pop() !== pairs[text]) return `has a "${text}" too many`;
  }
  return open.length === 0 ? null : `lacks the end of a "${open.at(-1) ?? ''}"`;
}

/** Bare words and quoted names of an expression that may be functions: to be looked up. */
export function namesIn(sql: string): readonly string[] {
  const tokens = tokensOf(Buffer.from(`${sql}\n;`));
  return [
    ...new Set(
      tokens.flatMap(({ word, text }) =>
        word !== '' ? [word] : text.startsWith('"') ? [text.slice(1, -1).replaceAll('""', '"')] : [],
      ),
    ),
  ];
}

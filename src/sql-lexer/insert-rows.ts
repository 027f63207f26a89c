import type { TokenKind } from './sql-lexer.ts';

type Expected =
  | 'into'
  | 'name'
  | 'behind name'
  | 'column'
  | 'behind column'
  | 'whose'
  | 'value'
  | 'rows'
  | 'values'
  | 'row'
  | 'constant'
  | 'number'
  | 'behind number'
  | 'behind constant'
  | 'behind row'
  | 'conflict'
  | 'do'
  | 'nothing'
  | 'end'
  | 'ended'
  | 'other';

const constantWords: ReadonlySet<string> = new Set(['default', 'false', 'null', 'true']);

/**
 * Whether an INSERT holds nothing but constants, as pg_dump writes it (`--inserts`, `--column-inserts`,
 * `--rows-per-insert`, `--on-conflict-do-nothing`): no query, no call, no expression, so that running it computes
 * nothing but what the table itself says. Takes the tokens behind the word INSERT one by one; memory does not grow
 * with the rows.
 */
export class InsertRows {
  #expected: Expected = 'into';

  /** Known when the semicolon has been taken. */
  get areConstants(): boolean {
    return this.#expected === 'ended';
  }

  /** `text`: of words (lower case) and symbols. */
  take(kind: TokenKind, text: string): void {
    this.#expected = this.#after(kind, text);
  }

  #after(kind: TokenKind, text: string): Expected {
    const isName = kind === 'word' || kind === 'quoted';
    const word = kind === 'word' ? text : '';
    const symbol = kind === 'symbol' ? text : '';
    switch (this.#expected) {
      case 'into':
        return word === 'into' ? 'name' : 'other';
      case 'name':
        return isName ? 'behind name' : 'other';
      case 'behind name':
        if (symbol === '.') return 'name';
        return symbol === '(' ? 'column' : rowsBegin(word);
      case 'column':
        return isName ? 'behind column' : 'other';
      case 'behind column':
        if (symbol === ',') return 'column';
        return symbol === ')' ? 'rows' : 'other';
      case 'rows':
        return rowsBegin(word);
      case 'whose':
        return word === 'system' || word === 'user' ? 'value' : 'other';
      case 'value':
        return word === 'value' ? 'rows' : 'other';
      case 'values':
        return word === 'values' ? 'end' : 'other';
      case 'row':
        return symbol === '(' ? 'constant' : 'other';
      case 'constant':
        if (symbol === '-' || symbol === '+') return 'number';
        if (kind === 'number') return 'behind number';
        return kind === 'string' || constantWords.has(word) ? 'behind constant' : 'other';
      case 'number':
        return kind === 'number' ? 'behind number' : 'other';
      case 'behind number':
        // The lexer cuts `5e-324` behind the e; a sum of numbers, which looks the same, calls nothing either.
        return symbol === '-' || symbol === '+' ? 'number' : behindConstant(symbol);
      case 'behind constant':
        return behindConstant(symbol);
      case 'behind row':
        if (symbol === ',') return 'row';
        return word === 'on' ? 'conflict' : end(symbol);
      case 'conflict':
        return word === 'conflict' ? 'do' : 'other';
      case 'do':
        return word === 'do' ? 'nothing' : 'other';
      case 'nothing':
        return word === 'nothing' ? 'end' : 'other';
      case 'end':
        return word === 'on' ? 'conflict' : end(symbol);
      case 'ended':
      case 'other':
        return 'other';
      default:
        return this.#expected satisfies never;
    }
  }
}

/** `VALUES`, `DEFAULT VALUES` (a table without columns), `OVERRIDING SYSTEM VALUE` before them. */
function rowsBegin(word: string): Expected {
  if (word === 'values') return 'row';
  if (word === 'default') return 'values';
  return word === 'overriding' ? 'whose' : 'other';
}

function behindConstant(symbol: string): Expected {
  if (symbol === ',') return 'constant';
  return symbol === ')' ? 'behind row' : 'other';
}

const end = (symbol: string): Expected => (symbol === ';' ? 'ended' : 'other');

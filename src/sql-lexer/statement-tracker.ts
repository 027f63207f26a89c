import { InsertRows } from './insert-rows.ts';
import type { TokenKind, TokenSink } from './sql-lexer.ts';

/** Why the tracker paused the lexer. */
export type SplitEvent =
  | { readonly type: 'statement'; readonly start: number; readonly end: number; readonly copyIn: boolean }
  | { readonly type: 'comment'; readonly start: number; readonly end: number }
  | { readonly type: 'backslash'; readonly start: number; readonly insideStatement: boolean };

const headLength = 4;

/**
 * Finds where statements end: a `;` outside parentheses (CREATE RULE … DO (a; b)) and outside the body of a routine
 * written in SQL (BEGIN ATOMIC a; b; END). Unlike psql, which counts every BEGIN of a CREATE FUNCTION, only
 * BEGIN ATOMIC opens a body: a function or column may be called `begin`.
 */
export class StatementTracker implements TokenSink {
  /** Offset of the statement's first token; null between statements. */
  start: number | null = null;
  event: SplitEvent | null = null;
  /** Of the open statement, or of the one just ended. */
  tokens = 0;
  #head: string[] = [];
  #insert: InsertRows | null = null;
  #previous = '';
  #parentheses = 0;
  #body = 0;
  #copyIn = false;

  token(kind: TokenKind, start: number, end: number, text: string): boolean {
    if (kind === 'comment') {
      if (this.start !== null) return false;
      this.event = { type: 'comment', start, end };
      return true;
    }
    if (kind === 'backslash') {
      this.event = { type: 'backslash', start, insideStatement: this.start !== null };
      return true;
    }
    const symbol = kind === 'symbol' ? text : '';
    if (this.start === null) {
      if (symbol === ';') return false; // an empty statement
      this.#begin(start);
    }
    this.tokens += 1;
    const word = kind === 'word' ? text : '';
    if (this.#insert !== null) this.#insert.take(kind, text);
    else if (this.tokens === 1 && word === 'insert') this.#insert = new InsertRows();
    if (this.#head.length < headLength) this.#head.push(word);
    if (word !== '') this.#word(word);
    if (symbol === '(') this.#parentheses += 1;
    else if (symbol === ')') this.#parentheses = Math.max(0, this.#parentheses - 1);
    else if (symbol === ';' && this.#parentheses === 0 && this.#body === 0) {
      this.event = { type: 'statement', start: this.start ?? start, end, copyIn: this.#copyIn };
      this.start = null;
      return true;
    }
    this.#previous = kind === 'word' || kind === 'symbol' ? text : '';
    return false;
  }

  /** Of the statement that has ended: false where it is an INSERT of something else than constants. */
  get insertsConstants(): boolean {
    return this.#insert?.areConstants ?? true;
  }

  /** The first tokens of the statement, or of the one just ended: words in lower case, '' for anything else. */
  get head(): readonly string[] {
    return this.#head;
  }

  #begin(start: number): void {
    this.start = start;
    this.tokens = 0;
    this.#head = [];
    this.#insert = null;
    this.#previous = '';
    this.#parentheses = 0;
    this.#body = 0;
    this.#copyIn = false;
  }

  #word(word: string): void {
    if (this.#parentheses > 0) return;
    if (this.#head[0] === 'copy') {
      // The grammar takes STDOUT for STDIN here.
      if (this.#previous === 'from' && (word === 'stdin' || word === 'stdout')) this.#copyIn = true;
      return;
    }
    if (!this.#isRoutine() || this.#previous === '.' || this.#previous === 'as') return;
    if (this.#body === 0) {
      if (word === 'atomic' && this.#previous === 'begin') this.#body = 1;
    } else if (word === 'case') this.#body += 1;
    else if (word === 'end') this.#body -= 1;
  }

  #isRoutine(): boolean {
    const [create, second, replace, fourth] = this.#head;
    if (create !== 'create') return false;
    const object = second === 'or' && replace === 'replace' ? fourth : second;
    return object === 'function' || object === 'procedure';
  }
}

import { isName, isOperator } from './body-tokens.ts';
import type { BodyToken } from './body-tokens.ts';

/** What a name at some place of a body can be the name of. */
export interface BodyPlace {
  readonly kinds: readonly ('routine' | 'relation' | 'type' | 'collation')[];
  /** Only a name can stand there; other words may be columns, variables or mere text. */
  readonly sure: boolean;
}

/** Words after which an expression begins, so that a name with a bracket is a call. */
const beforeExpressions = new Set(
  `select return perform where and or not when then else if elsif elseif while in on by having distinct all any case
   lateral values returning limit offset between like ilike is call query union exists default set`.split(
    /\s+/,
  ),
);
/** Besides those: words of PL/pgSQL after which a variable may stand. */
const beforeVariables = new Set(
  `begin declare loop strict for foreach open close fetch move next assert exit continue raise reverse slice
   from`.split(/\s+/),
);
const beforeRelations = new Set(['from', 'join', 'update']);

export function isKeyword({ kind, text }: BodyToken): boolean {
  return kind === 'word' && (beforeExpressions.has(text) || beforeRelations.has(text));
}

/** Of the name that ends before `end` and begins at `at`. */
export function bodyPlace(tokens: readonly BodyToken[], at: number, end: number): BodyPlace {
  const before = tokens[at - 1];
  const word = before?.kind === 'word' ? before.text : null;
  const isRelation = word !== null && beforeRelations.has(word) && !isFromOfValue(tokens, at - 1);
  if (tokens[end]?.text === '(') {
    const isCall =
      word === null
        ? before === undefined || before.kind === 'symbol'
        : beforeExpressions.has(word) || beforeRelations.has(word);
    // Not a call: `INSERT INTO t (…)`, `f() AS t (…)`, a type with a length.
    return isCall && !['::', ')', ']'].includes(before?.text ?? '')
      ? { kinds: ['routine'], sure: true }
      : { kinds: ['routine', 'relation', 'type'], sure: false };
  }
  if (before?.text === '::') return { kinds: ['type'], sure: true };
  if (word === 'collate') return { kinds: ['collation'], sure: true };
  return isRelation ? { kinds: ['relation'], sure: true } : { kinds: ['relation', 'type'], sure: false };
}

/** Whether a value stands at `at`, be it the one to which something is assigned; `end` is the place behind the name. */
export function isValuePlace(tokens: readonly BodyToken[], at: number, end: number): boolean {
  const [before, after] = [tokens[at - 1], tokens[end]];
  // `point '(1,2)'`, `t%ROWTYPE`
  if (after?.kind === 'string') return false;
  if (after?.text === '%' && /^(?:row)?type$/.test(tokens[end + 1]?.text ?? '')) return false;
  if (before === undefined) return true;
  if (before.kind !== 'word') {
    if (before.kind !== 'symbol') return false;
    if (before.text === ',') return !isListOfTables(tokens, at - 1);
    return ['(', '[', ';', ':='].includes(before.text) || isOperator(before.text);
  }
  if (before.text === 'from') return isFromOfValue(tokens, at - 1);
  if (before.text === 'into' || before.text === 'using') return !isListOfTables(tokens, at);
  return beforeExpressions.has(before.text) || beforeVariables.has(before.text);
}

/** `IS DISTINCT FROM x`, `extract(… FROM x)`, `substring(… FROM x)`, `trim(… FROM x)`, `overlay(… FROM x)`. */
function isFromOfValue(tokens: readonly BodyToken[], at: number): boolean {
  if (tokens[at]?.text !== 'from') return false;
  const [first, second] = [tokens[at - 1], tokens[at - 2]];
  if (first?.text === 'distinct') return second?.text === 'is' || second?.text === 'not';
  const open = openBracket(tokens, at);
  return /^(?:extract|substring|trim|overlay)$/.test(tokens[open - 1]?.text ?? '');
}

/** Place of the bracket that is open at `at`; -1 for none. */
function openBracket(tokens: readonly BodyToken[], at: number): number {
  let depth = 0;
  for (let place = at - 1; place >= 0; place -= 1) {
    const text = tokens[place]?.text;
    if (text === ')') depth += 1;
    if (text === '(' && (depth -= 1) < 0) return place;
    if (text === ';' && tokens[place]?.kind === 'symbol') return -1;
  }
  return -1;
}

/** Words that begin another list than that of FROM. */
const beginValues = new Set(
  `select where set having by values returning return perform raise call execute open limit in if while when then else
   begin loop declare`.split(/\s+/),
);

/**
 * Whether what stands before `at` at the same depth belongs to a list of tables: FROM, USING of DELETE and MERGE, INTO
 * of INSERT.
 */
function isListOfTables(tokens: readonly BodyToken[], at: number): boolean {
  let depth = 0;
  for (let place = at - 1; place >= 0; place -= 1) {
    const { kind, text } = tokens[place] ?? { kind: 'symbol', text: ';' };
    if (text === ')') depth += 1;
    if (text === '(' && (depth -= 1) < 0) return false;
    if (depth > 0) continue;
    if (kind === 'symbol' && text === ';') return false;
    if (kind !== 'word') continue;
    if (text === 'from') return !isFromOfValue(tokens, place);
    if (text === 'into') return /^(?:insert|merge)$/.test(tokens[place - 1]?.text ?? '');
    if (/^(?:delete|merge)$/.test(text)) return true;
    if (beginValues.has(text)) return false;
  }
  return false;
}

/** `AS name` gives a name, unless it says a type: `CAST(x AS name)`. */
export function isAlias(tokens: readonly BodyToken[], at: number): boolean {
  if (tokens[at - 1]?.kind !== 'word' || tokens[at - 1]?.text !== 'as') return false;
  const caller = tokens[openBracket(tokens, at) - 1];
  return !(caller !== undefined && isName(caller) && /^(?:cast|xmlserialize)$/.test(caller.text));
}

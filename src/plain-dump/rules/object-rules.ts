import { withoutCounter } from './column-counter.ts';
import { judgeDatabase, judgeRoleInDatabase } from './database-rules.ts';
import { refuse, run, skip } from './judgement.ts';
import type { ForeignOptions, Judgement } from './judgement.ts';
import { takeObjectType } from './object-types.ts';
import { judgeSubscription } from './subscription-rules.ts';
import { plainName } from './token-cursor.ts';
import type { TokenCursor } from './token-cursor.ts';

const notInDumps = 'a plain dump holds no such statement';
export const computes = 'it computes what it writes; dumps write constants';
const createModifiers = new Set(['or', 'replace', 'unique', 'unlogged', 'recursive', 'trusted', 'default']);
const beforeName = new Set(['concurrently', 'if', 'not', 'exists', 'only']);
/** Their own names are unique per table only. */
const namedPerTable = new Set(['CONSTRAINT', 'POLICY', 'RULE', 'TRIGGER']);

/** These have no name: what follows is FOR, IN SCHEMA, or what the cast is from. */
const nameless = new Set(['CAST', 'DEFAULT PRIVILEGES', 'TRANSFORM', 'USER MAPPING']);

/** CREATE, ALTER and DROP. The verb has been read. */
export function judgeObjectStatement(verb: string, cursor: TokenCursor, options: ForeignOptions): Judgement {
  if (verb === 'CREATE') {
    cursor.skip(createModifiers);
    if (cursor.word === 'constraint') cursor.at += 1; // CREATE CONSTRAINT TRIGGER
  }
  const unknownWord = cursor.word.toUpperCase();
  // The word DEFAULT belongs to the type here, and to the modifiers of CREATE (DEFAULT CONVERSION).
  const type = takeObjectType(cursor);
  if (type === null) return refuse(`${verb} ${unknownWord}`.trim(), notInDumps);
  if (verb === 'ALTER' && type.name === 'ROLE') return judgeRoleInDatabase(cursor, options);
  cursor.skip(beforeName);
  if (type.name === 'DATABASE') return judgeDatabase(`${verb} DATABASE`, cursor, options);
  if (type.name === 'SUBSCRIPTION') return judgeSubscription(verb, cursor, options);
  const nameAt = cursor.at;
  const label = `${verb} ${type.name}${objectName(cursor, type.name)}`;
  if (type.refusal !== null) return refuse(label, type.refusal);
  if (verb === 'CREATE') {
    const reason = computesRows(type.name, cursor);
    if (reason !== null) return refuse(label, reason);
    cursor.at = nameAt;
    return { ...run(label), creates: { type: type.name, name: catalogueName(cursor.name()) } };
  }
  if (verb === 'ALTER' && isNotDumped(type.name, cursor)) return refuse(label, notInDumps);
  if (type.name === 'DEFAULT PRIVILEGES' && options.privileges === false)
    return skip(label, 'ALTER DEFAULT PRIVILEGES');
  if (verb === 'ALTER' && options.owners === false && setsOwner(cursor))
    return skip(label, 'ALTER … OWNER TO');
  const counter =
    verb === 'ALTER' && type.name === 'TABLE' ? withoutCounter(label, cursor.tokens.slice(cursor.at)) : null;
  if (counter !== null) return counter;
  // A schema public that `--clean` drops is made again without the privileges every new database gives it.
  const clears = verb === 'DROP' ? label !== 'DROP SCHEMA public' : dropsPart(cursor);
  return { ...run(label + addedConstraint(cursor)), clears };
}

/**
 * Why a CREATE would compute rows while it runs, or make more than the one thing; null for what pg_dump writes. The
 * cursor is behind the name.
 */
function computesRows(type: string, cursor: TokenCursor): string | null {
  const outer = outerWords(cursor);
  if (type === 'TABLE') return outer.includes('as') ? computes : null;
  // The statements of its own that the standard lets it hold.
  if (type === 'SCHEMA') return outer.includes('create') || outer.includes('grant') ? notInDumps : null;
  if (type !== 'MATERIALIZED VIEW') return null;
  const isEmpty =
    cursor.tokens
      .slice(-4, -1)
      .map(({ word }) => word)
      .join(' ') === 'with no data';
  return isEmpty ? null : 'it computes its rows at once; dumps write WITH NO DATA, and REFRESH at their end';
}

/** Behind ADD in ALTER TABLE: constraints, with a name or without. */
const added = new Set(['constraint', 'primary', 'unique', 'check', 'foreign', 'exclude', 'not']);

/**
 * Whether an ALTER does what pg_dump never writes: another name or schema, under which a table is no longer known; a
 * column's other type or a new column, whose values are computed. The cursor is behind the name.
 */
function isNotDumped(type: string, cursor: TokenCursor): boolean {
  const isTable = type === 'TABLE' || type === 'FOREIGN TABLE';
  return actionsOf(cursor).some((action) => {
    const isColumn = action[0] === 'alter' && action[1] === 'column';
    const [first, second = '', third, fourth] = isColumn ? ['alter', ...action.slice(2)] : action;
    if (first === 'rename' || (first === 'set' && second === 'schema')) return true;
    if (!isTable) return false;
    if (first === 'add') return !added.has(second);
    return first === 'alter' && (third === 'type' || (third === 'set' && fourth === 'data'));
  });
}

/** The actions of an ALTER, from the cursor on: their bare words outside parentheses, '' for anything else. */
function actionsOf(cursor: TokenCursor): readonly (readonly string[])[] {
  let depth = 0;
  const actions: string[][] = [[]];
  for (const { text, word } of cursor.tokens.slice(cursor.at)) {
    if (text === '(') depth += 1;
    if (text === ')') depth -= 1;
    if (depth === 0 && text === ',') actions.push([]);
    else if (depth === 0) actions.at(-1)?.push(word);
  }
  return actions;
}

/** Bare words outside parentheses from the cursor on. */
function outerWords(cursor: TokenCursor): readonly string[] {
  let depth = 0;
  return cursor.tokens.slice(cursor.at).flatMap(({ text, word }) => {
    if (text === '(') depth += 1;
    if (text === ')') depth -= 1;
    return depth === 0 && word !== '' ? [word] : [];
  });
}

/** COMMENT ON and SECURITY LABEL … ON; the cursor is behind ON. */
export function judgeRemark(verb: string, cursor: TokenCursor, options: ForeignOptions): Judgement {
  const unknownWord = cursor.word.toUpperCase();
  const type = takeObjectType(cursor);
  if (type === null) return refuse(`${verb} ON ${unknownWord}`, notInDumps);
  if (type.name === 'DATABASE') return judgeDatabase(`${verb} ON DATABASE`, cursor, options);
  const label = `${verb} ON ${type.name}${objectName(cursor, type.name)}`;
  if (type.refusal !== null) return refuse(label, type.refusal);
  if (verb === 'COMMENT' && type.name === 'EXTENSION' && options.owners === false) {
    return skip(label, 'COMMENT ON EXTENSION');
  }
  return run(label);
}

/** GRANT and REVOKE: of privileges on objects inside the database only, not of roles. */
export function judgeGrant(verb: string, cursor: TokenCursor, options: ForeignOptions): Judgement {
  let depth = 0;
  for (; cursor.at < cursor.tokens.length; cursor.at += 1) {
    if (cursor.text === '(') depth += 1;
    if (cursor.text === ')') depth -= 1;
    if (depth === 0 && (cursor.word === 'on' || cursor.word === 'to' || cursor.word === 'from')) break;
  }
  if (!cursor.take('on')) return refuse(`${verb} of a role`, 'it reaches beyond the one database');
  const words: string[] = [];
  const all = cursor.take('all');
  const type = all ? null : takeObjectType(cursor);
  if (type?.name === 'DATABASE') return judgeDatabase(`${verb} ON DATABASE`, cursor, options);
  if (type?.refusal !== null && type !== null) return refuse(`${verb} ON ${type.name}`, type.refusal);
  if (type !== null) words.push(type.name);
  if (all) words.push('ALL');
  const label = `${verb} ON ${words.join(' ')}${objectName(cursor, '')}`;
  if (options.privileges === false) return skip(label, 'GRANT and REVOKE');
  return run(label);
}

function objectName(cursor: TokenCursor, type: string): string {
  if (nameless.has(type)) return '';
  const name = cursor.name().join('.');
  if (!namedPerTable.has(type)) return name === '' ? '' : ` ${name}`;
  while (cursor.at < cursor.tokens.length && cursor.word !== 'on') cursor.at += 1;
  cursor.take('on');
  cursor.take('domain');
  const table = cursor.name().join('.');
  return ` ${name}${table === '' ? '' : ` ON ${table}`}`;
}

/** The last words of `ALTER … OWNER TO name;`. */
function setsOwner(cursor: TokenCursor): boolean {
  const [before, owner, to, , end] = cursor.tokens.slice(-5);
  return (
    owner?.word === 'owner' &&
    to?.word === 'to' &&
    end?.text === ';' &&
    before?.word !== 'rename' &&
    before?.word !== 'column'
  );
}

/** `ALTER … DROP CONSTRAINT`, `ALTER … ALTER COLUMN … DROP DEFAULT`: `--clean` writes them, a dump's own part never. */
function dropsPart(cursor: TokenCursor): boolean {
  return cursor.word === 'drop' || (cursor.word === 'alter' && cursor.tokens.at(-3)?.word === 'drop');
}

/** `schema.name` as the catalogue has it; null where a part is written in a way that is not read here. */
function catalogueName(written: readonly string[]): string | null {
  const parts = written.map(plainName);
  return parts.length === 0 || parts.includes(null) ? null : parts.join('.');
}

function addedConstraint(cursor: TokenCursor): string {
  if (!cursor.take('add', 'constraint')) return '';
  return ` ADD CONSTRAINT ${cursor.name().join('.')}`;
}

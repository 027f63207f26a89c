import { displayName } from '../display-name.ts';
import { splitIdentifiers } from '../../postgres/identifiers.ts';
import type { CatalogObject } from '../model.ts';
import { normalise } from './normalise.ts';
import { sqlTokens } from './sql-tokens.ts';

/** A schema that is called `left` in one database and `right` in the other. */
export interface RenamedSchema {
  readonly left: string;
  readonly right: string;
}

/**
 * An identity as the other database says it: the two names change places wherever a schema is named. For people and for
 * finding an object's counterpart; whether both are equal is another question (`equalSql`).
 */
export function renamedIdentity(identity: string, { left, right }: RenamedSchema): string {
  const parts = identity.split(identifiers);
  return parts
    .map((part, at) => {
      if (at % 2 === 0 || !namesSchema(parts, at)) return part;
      const name = nameOf(part);
      if (name === left) return displayName(right);
      return name === right ? displayName(left) : part;
    })
    .join('');
}

/** Captures what is an identifier, so that `split` leaves text and identifiers by turns. */
const identifiers = /((?:U&)?"(?:[^"]|"")*"|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)/;

/** `schema.name`, but not `.schema.name`; and `schema name`, where the word is not a name itself. */
function namesSchema(parts: readonly string[], at: number): boolean {
  const before = parts[at - 1] ?? '';
  const qualifies = (parts[at + 1] ?? '').startsWith('.') && !before.endsWith('.');
  return qualifies || (before === ' ' && parts[at - 2] === 'schema' && !(parts[at - 3] ?? '').endsWith('.'));
}

function nameOf(identifier: string): string {
  return identifier.startsWith('"') ? identifier.slice(1, -1).replaceAll('""', '"') : identifier;
}

/** Whether an object is the schema of that name, or is said of it: its owner, grants, comment, labels. */
export function isSchemaAsSuch(
  { kind, schema, facts }: Pick<CatalogObject, 'kind' | 'schema' | 'facts'>,
  name: string,
): boolean {
  return schema === name && (kind === 'schema' || facts.of === 'schema');
}

/**
 * Whether an object is the schema itself or a property of it alone (owner, grants, comment): these are written
 * differently for schema public than for any other schema. The same holds for properties of a schema that has the
 * other side's name.
 */
export function isSchemaItself(
  object: Pick<CatalogObject, 'kind' | 'schema' | 'facts'>,
  side: 'left' | 'right',
  { left, right }: RenamedSchema,
): boolean {
  if (isSchemaAsSuch(object, left) || isSchemaAsSuch(object, right)) return true;
  const without = side === 'left' ? right : left;
  return object.schema === without && object.facts.forRole !== undefined;
}

/** Types whose constants are names of objects: the server writes them anew after a rename. */
const nameTypes = new Set([
  'regclass',
  'regcollation',
  'regconfig',
  'regdictionary',
  'regnamespace',
  'regoper',
  'regoperator',
  'regproc',
  'regprocedure',
  'regtype',
]);

/**
 * Whether two statements say the same when the schema's two names stand for each other wherever the server would
 * write the new one after `ALTER SCHEMA … RENAME`: in names, in constants of types such as `regclass`, in a
 * `search_path`. Other text (the body of a function) must be equal to the byte: a rename does not change it.
 */
export function equalSql(left: string, right: string, renamed: RenamedSchema): boolean {
  return equalTokens(words(left), words(right), renamed);
}

function words(sql: string): readonly string[] {
  return normalise(sql).split('\u0000');
}

function equalTokens(left: readonly string[], right: readonly string[], renamed: RenamedSchema): boolean {
  if (left.length !== right.length) return false;
  return left.every((token, at) => {
    const other = right[at] ?? '';
    if (token === other) return true;
    if (isName(token) && isName(other)) return equalNames(nameOf(token), nameOf(other), renamed);
    if (!token.startsWith("'") || !other.startsWith("'")) return false;
    const [text, otherText] = [textOf(token), textOf(other)];
    if (isNameConstant(left, at) || isRun(left, at))
      return equalTokens(sqlTokens(text), sqlTokens(otherText), renamed);
    if (!isSearchPath(left, at)) return false;
    if (equalNames(text, otherText, renamed)) return true;
    const [path, otherPath] = [splitIdentifiers(text), splitIdentifiers(otherText)];
    return (
      path.length === otherPath.length &&
      path.every((name, index) => equalNames(name, otherPath[index] ?? '', renamed))
    );
  });
}

function isName(token: string): boolean {
  return /^["A-Za-z_\u0080-\uffff]/.test(token);
}

function equalNames(name: string, other: string, { left, right }: RenamedSchema): boolean {
  return name === other || (name === left && other === right);
}

function textOf(literal: string): string {
  return literal.slice(1, -1).replaceAll("''", "'");
}

/** `'…'::regclass`, with or without `pg_catalog.`; and our own `setval('…'`. */
function isNameConstant(tokens: readonly string[], at: number): boolean {
  if (tokens[at - 1] === '(' && tokens[at - 2] === 'setval') return true;
  if (tokens[at + 1] !== '::') return false;
  const type = tokens[at + 3] === '.' ? tokens[at + 4] : tokens[at + 2];
  return nameTypes.has(nameOf(type ?? ''));
}

/** The body of our own DO blocks: statements, which use the names that are in force when they run. */
export function isRun(tokens: readonly string[], at: number): boolean {
  return tokens[at - 3] === 'DO' && tokens[at - 2] === 'LANGUAGE';
}

/** A constant of the list after `SET search_path TO` (or `=`). */
function isSearchPath(tokens: readonly string[], at: number): boolean {
  let before = at - 1;
  while (tokens[before] === ',' && (tokens[before - 1] ?? '').startsWith("'")) before -= 2;
  return ['TO', '='].includes(tokens[before] ?? '') && nameOf(tokens[before - 1] ?? '') === 'search_path';
}

import { isOfLargeObjects } from '../catalog/large-objects/large-objects.ts';
import { tableName } from '../lib/table-name.ts';
import type { ImportPlan } from './import-plan.ts';
import type { RunnableObject } from './runnable-object.ts';

/**
 * Kinds that users or extensions can change after rows were written by them. What reads, makes or orders a value by
 * one of these may do it otherwise today.
 */
const ofUsers: ReadonlySet<string> = new Set([
  'access method',
  'aggregate',
  'base type',
  'cast',
  'collation',
  'conversion',
  'extension',
  'extension member',
  'function',
  'language',
  'operator',
  'operator class',
  'operator family',
  'procedure',
  'text search configuration',
  'text search dictionary',
  'text search parser',
  'text search template',
  'transform',
]);

/** Kinds that no row of their table meets while it is loaded. */
const withoutRows: ReadonlySet<string> = new Set([
  'comment',
  'foreign key',
  'owner',
  'policy',
  'privileges',
  'publication table',
  'row security',
  'rule',
  'security label',
  'trigger',
]);

/** Types whose values are written as names, of objects or roles that may be gone. */
const writtenAsNames = '(?:pg_catalog\\.)?(?:reg[a-z]+|aclitem)';
const isWrittenAsNames = new RegExp(`^${writtenAsNames}(?:\\[\\])*$`);
const holdsNames = new RegExp(`(?:^|[\\s(])${writtenAsNames}(?![\\w.])`);
const typesOfOthers: ReadonlySet<string> = new Set(['composite type', 'domain', 'range type']);

/** Of the trial of an undo. */
export interface RowsMadeAgain extends Pick<ImportPlan, 'objects' | 'load'> {
  /** The target's own objects, among them those that stay and that the trial does not make. */
  readonly there: readonly { readonly id: string; readonly kind: string }[];
}

/**
 * The tables whose rows are loaded from the safety copy, to see that they fit its definitions: all, if they have at
 * most `bytesMax`; else those that are compared, and those with a check, their own or a domain's: PostgreSQL takes
 * checks that ask the clock or the session, which rows that passed once need not pass again. Other rows already satisfy
 * the same definitions in the live table. Pure.
 */
export function rowsToTry(
  rows: RowsMadeAgain,
  bytesMax: number,
): { readonly tables: ImportPlan['load']; readonly all: boolean } {
  const { objects, load } = rows;
  if (load.reduce((sum, { rawBytes }) => sum + rawBytes, 0) <= bytesMax) return { tables: load, all: true };
  const compared = new Set(rowsToCompare(rows).map(({ id }) => id));
  const checked = reachedBy(objects, checksRows);
  return { tables: withTheirGroups(load, ({ id }) => compared.has(id) || checked.has(id)), all: false };
}

/**
 * The tables of which a row may come out of a load other than it went in. Everywhere else the server's own functions
 * read again what they have written. Pure. In doubt a table is compared:
 *
 * - generated columns are computed again, and what computed them may have been changed since, whatever it is: a
 *   function, the dictionary behind a text search configuration, a file of the server that the dictionary reads;
 * - something that users or extensions can change takes part, in the database, outside the schemas of the run, or
 *   among what stays in the target;
 * - values are written as the names of objects;
 * - the rows are an extension's, whose tables are as the extension makes them now.
 */
export function rowsToCompare(rows: RowsMadeAgain): ImportPlan['load'] {
  const anew = new Set(rowsReadAnew(rows).map(({ id }) => id));
  return withTheirGroups(
    rows.load,
    ({ id, columns }) => anew.has(id) || columns.some(({ generated }) => generated),
  );
}

/**
 * The same without generated columns: tables whose rows, where they lie, may have another text than before though
 * nobody has written to them. Pure.
 */
export function rowsReadAnew({ objects, load, there }: RowsMadeAgain): ImportPlan['load'] {
  // That a table lies in a schema which stays says nothing.
  const known = new Set([...objects, ...there.filter(({ kind }) => kind === 'schema')].map(({ id }) => id));
  const reached = reachedBy(
    objects,
    ({ kind, sql, needs = [], dependsOn }) =>
      ofUsers.has(kind) ||
      needs.length > 0 ||
      dependsOn.some((id) => !known.has(id)) ||
      (typesOfOthers.has(kind) && holdsNames.test(sql)),
  );
  return withTheirGroups(
    load,
    ({ id, columns, searchPath = [], extensionConfig }) =>
      reached.has(id) ||
      extensionConfig ||
      searchPath.length > 0 ||
      columns.some(({ type }) => isWrittenAsNames.test(type)),
  );
}

/** Rows that are loaded through one root may come to other partitions than before: only together do they compare. */
function withTheirGroups(
  load: ImportPlan['load'],
  isFound: (table: ImportPlan['load'][number]) => boolean,
): ImportPlan['load'] {
  const groupOf = (table: ImportPlan['load'][number]): string => tableName(table.loadThrough ?? table);
  const groups = new Set(load.filter(isFound).map(groupOf));
  return load.filter((table) => groups.has(groupOf(table)));
}

/** A check that rows meet when they are loaded. */
function checksRows({ kind, sql }: RunnableObject): boolean {
  if (kind === 'check constraint') return !sql.includes(' NOT VALID');
  return (kind === 'table' || kind === 'domain') && sql.includes(' CHECK (');
}

/** Ids of tables that are such objects, have them as parts, or need them, directly or by others. */
function reachedBy(
  objects: readonly RunnableObject[],
  isRoot: (object: RunnableObject) => boolean,
): ReadonlySet<string> {
  const reached = new Set<string>();
  const tables = new Set<string>();
  // An object stands before those that need it; a part of a table counts as its table.
  for (const object of objects) {
    if (isOfLargeObjects(object) || withoutRows.has(object.kind)) continue;
    if (!isRoot(object) && !object.dependsOn.some((id) => reached.has(id))) continue;
    reached.add(object.id);
    if (object.kind === 'table') tables.add(object.id);
    else if (object.partOf !== null) tables.add(object.partOf);
  }
  return withBelow(objects, tables);
}

/** Partitions and children have what their parents have. */
function withBelow(objects: readonly RunnableObject[], roots: ReadonlySet<string>): ReadonlySet<string> {
  const found = new Set(roots);
  for (let size = -1; size < found.size;) {
    size = found.size;
    for (const { id, kind, partOf, dependsOn } of objects) {
      const below = kind === 'table' ? id : kind === 'partition attach' ? partOf : null;
      if (below !== null && dependsOn.some((need) => need !== below && found.has(need))) found.add(below);
    }
  }
  return found;
}

import { keyHash } from '../differing/side.ts';
import type { ComparedTable } from '../differing/side.ts';
import { quoteIdentifier } from '../../postgres/identifiers.ts';

/**
 * A table of the target whose rows are made equal to others. `index` names what is made for it: temporary tables of the
 * session, and tables of the undo's schema.
 */
export interface MergeTable {
  readonly index: number;
  /** For people. */
  readonly name: string;
  /** Its qualified name; of a tree of partitions the root's. */
  readonly into: string;
  /** Its own rows: what stands after FROM, DELETE FROM and UPDATE. */
  readonly own: string;
  /** All but those that the server computes. */
  readonly columns: readonly string[];
  readonly compared: ComparedTable;
  /**
   * Columns of which a new value may stand in another row's way for a moment, or may not be set by an UPDATE: rows that
   * differ in them are deleted and inserted.
   */
  readonly replaced: readonly string[];
}

/** What happens to a row that is not the same. A row that only the target has may also `stay` (keep-parents.ts). */
export type RowAction = 'delete' | 'update' | 'replace' | 'insert';

const temporary = (what: string, { index }: MergeTable): string =>
  `pg_temp.${quoteIdentifier(`multiboard_sync_${what}_${index}`)}`;

/** Hashes of the keys of rows that differ. */
export const keysTable = (table: MergeTable): string => temporary('keys', table);
/** Rows as they are to be. */
export const newTable = (table: MergeTable): string => temporary('new', table);
/** Rows as they are. */
export const oldTable = (table: MergeTable): string => temporary('old', table);
/** Which of both belong together, and what happens to them. */
export const pairsTable = (table: MergeTable): string => temporary('pairs', table);

/** The name of a column in the temporary tables: no name of the target's can be in the way there. */
export function columnOf({ columns }: Pick<MergeTable, 'columns'>, name: string): string {
  return `c${columns.indexOf(name) + 1}`;
}

/** The row's text, of the named columns, in a temporary table. */
export function lineOf(table: MergeTable, names: readonly string[] = table.columns): string {
  return `ROW(${names.map((name) => columnOf(table, name)).join(', ')})::text COLLATE pg_catalog."C"`;
}

const listed = (table: MergeTable, prefix = ''): string =>
  table.columns.map((name) => `${prefix}${columnOf(table, name)}`).join(', ');

/** `(a, b)`, or nothing for a table without columns. */
function intoColumns({ columns }: MergeTable): string {
  return columns.length === 0 ? '' : ` (${columns.map(quoteIdentifier).join(', ')})`;
}

/** As `c1`, `c2` … */
function selected(table: MergeTable): string {
  return table.columns.map((name) => `${quoteIdentifier(name)} AS ${columnOf(table, name)}`).join(', ');
}

/** Without constraints, so that rows may stand there that the table itself does not take yet. */
export function stagingSql(table: MergeTable): string {
  return (
    `CREATE TEMPORARY TABLE ${bare(keysTable(table))} (hash bigint);\n` +
    `CREATE TEMPORARY TABLE ${bare(newTable(table))} AS SELECT ${selected(table)} FROM ${table.into} WITH NO DATA`
  );
}

/** CREATE TEMPORARY takes no schema before PostgreSQL 15 but this one by its word. */
const bare = (name: string): string => name.replace('pg_temp.', '');

/** How the staged rows come in. */
export function stagedColumns(table: MergeTable): string {
  return table.columns.length === 0 ? '' : ` (${listed(table)})`;
}

/** The target's rows of these keys; all of them for null. */
export function oldRowsSql(table: MergeTable, which: 'of keys' | 'all'): string {
  const where =
    which === 'all' ? '' : `\nWHERE ${keyHash(table.compared)} IN (SELECT hash FROM ${keysTable(table)})`;
  return `CREATE TEMPORARY TABLE ${bare(oldTable(table))} AS
SELECT tableoid AS "rel", ctid AS "at"${table.columns.length === 0 ? '' : `, ${selected(table)}`}
FROM ${table.own}${where}`;
}

/** Rows with one key belong together; without a key, rows of one content, as often as both have it. */
export function pairsSql(table: MergeTable): string {
  const { key } = table.compared;
  const numbered = (from: string): string =>
    `SELECT place, k, r, u, row_number() OVER (PARTITION BY k ORDER BY r) AS nth
  FROM (SELECT ctid AS place, ${lineOf(table, key.length === 0 ? table.columns : key)} AS k,
    ${lineOf(table)} AS r, ${lineOf(table, table.replaced)} AS u FROM ${from}) AS read`;
  return `CREATE TEMPORARY TABLE ${bare(pairsTable(table))} AS
SELECT old.place AS old, new.place AS new,
  CASE WHEN new.place IS NULL THEN 'delete' WHEN old.place IS NULL THEN 'insert' WHEN old.r = new.r THEN 'same'
    WHEN old.u <> new.u THEN 'replace' ELSE 'update' END AS act
FROM (${numbered(oldTable(table))}) AS old
FULL JOIN (${numbered(newTable(table))}) AS new ON old.k = new.k AND old.nth = new.nth`;
}

/** The rows that are about to go or to change, as the table has them: what can stand after FROM. */
export function removedRowsSql(table: MergeTable): string {
  return rowsOfActions(table, "'delete', 'update', 'replace'");
}

/** The rows that the source does not have and that stay all the same. */
export function stayingRowsSql(table: MergeTable): string {
  return rowsOfActions(table, "'stay'");
}

function rowsOfActions(table: MergeTable, actions: string): string {
  return `(SELECT t.* FROM ${table.own} AS t, ${pairsTable(table)} AS p, ${oldTable(table)} AS o
WHERE p.act IN (${actions}) AND o.ctid = p.old AND t.ctid = o."at" AND t.tableoid = o."rel") AS those`;
}

/** Names of the columns in which rows to be updated differ, of those that may be updated. */
export function changedColumnsSql(table: MergeTable): string {
  const candidates = table.columns.filter((name) => !table.replaced.includes(name));
  if (candidates.length === 0) return 'SELECT ARRAY[]::text[] AS columns';
  const changed = candidates.map(
    (name) =>
      `CASE WHEN bool_or(ROW(o.${columnOf(table, name)})::text COLLATE pg_catalog."C" <> ROW(n.${columnOf(table, name)})::text COLLATE pg_catalog."C") THEN ${literalIndex(table, name)} END`,
  );
  return `SELECT pg_catalog.array_remove(ARRAY[${changed.join(', ')}]::int[], NULL) AS columns
FROM ${pairsTable(table)} AS p JOIN ${oldTable(table)} AS o ON o.ctid = p.old JOIN ${newTable(table)} AS n ON n.ctid = p.new
WHERE p.act = 'update'`;
}

const literalIndex = ({ columns }: MergeTable, name: string): string => String(columns.indexOf(name));

export function deleteSql(table: MergeTable): string {
  return `DELETE FROM ${table.own} AS t USING ${pairsTable(table)} AS p, ${oldTable(table)} AS o
WHERE p.act IN ('delete', 'replace') AND o.ctid = p.old AND t.ctid = o."at" AND t.tableoid = o."rel"`;
}

export function updateSql(table: MergeTable, names: readonly string[]): string {
  const set = names.map((name) => `${quoteIdentifier(name)} = n.${columnOf(table, name)}`).join(', ');
  return `UPDATE ${table.own} AS t SET ${set}
FROM ${pairsTable(table)} AS p, ${oldTable(table)} AS o, ${newTable(table)} AS n
WHERE p.act = 'update' AND o.ctid = p.old AND n.ctid = p.new AND t.ctid = o."at" AND t.tableoid = o."rel"`;
}

export function insertSql(table: MergeTable): string {
  return `INSERT INTO ${table.into}${intoColumns(table)} OVERRIDING SYSTEM VALUE
SELECT ${listed(table, 'n.')} FROM ${pairsTable(table)} AS p JOIN ${newTable(table)} AS n ON n.ctid = p.new
WHERE p.act IN ('insert', 'replace')`;
}

/** The rows as text, so that what is kept of them hangs on no type, column or collation of the target. */
export function linesSql(table: MergeTable, which: 'before' | 'after'): string {
  const [from, place, actions] =
    which === 'before'
      ? [oldTable(table), 'old', "'delete', 'update', 'replace'"]
      : [newTable(table), 'new', "'insert', 'update', 'replace'"];
  return `SELECT ${lineOf(table)} AS line FROM ${pairsTable(table)} AS p JOIN ${from} AS kept ON kept.ctid = p.${place}
WHERE p.act IN (${actions})`;
}

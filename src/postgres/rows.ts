import { qualifiedName, quoteIdentifier } from './identifiers.ts';

/** A table's own rows, all of them or those that a condition names. */
export interface TableRows {
  readonly schema: string;
  readonly name: string;
  /**
   * What follows the table's name in `SELECT … FROM table`, `WHERE …`: the text that an extension gave
   * `pg_extension_config_dump`. Null or empty for all rows.
   */
  readonly condition?: string | null | undefined;
  /** Set where its rows are not read as they are (docs/masks.md): then nothing else of it may be read. */
  readonly reading?: Reading | null | undefined;
}

/** SELECTs that stand in the place of a table. */
export interface Reading {
  /** Of its own rows. */
  readonly rows: string;
  /** Of the whole tree of partitions that it is a part of; null where it is none. */
  readonly tree: string | null;
}

export interface CopiedRows extends TableRows {
  readonly columns: readonly { readonly name: string; readonly generated: boolean }[];
}

/** The rows as something that can stand after FROM. */
export function rowsAsTable(table: TableRows): string {
  if (isRead(table)) return `(${table.reading.rows}\n) AS "rows"`;
  const own = `ONLY ${qualifiedName(table.schema, table.name)}`;
  return hasCondition(table) ? `(SELECT * FROM ${own} ${table.condition ?? ''}\n) AS "rows"` : own;
}

/** The statement that deletes these rows. A condition may hold more than a WHERE, so it stays in a SELECT. */
export function emptyRowsSql(table: TableRows): string {
  if (isRead(table)) throw new Error('a table that is only read, and not as it is');
  const own = `ONLY ${qualifiedName(table.schema, table.name)}`;
  const which = hasCondition(table)
    ? ` WHERE ctid IN (SELECT ctid FROM ${own} ${table.condition ?? ''}\n)`
    : '';
  return `DELETE FROM ${own}${which}`;
}

/** `COPY … TO STDOUT` of these rows. */
export function copyToSql(table: CopiedRows): string {
  if (isRead(table))
    return `COPY (SELECT ${columnNames(table.columns).join(', ')} FROM ${rowsAsTable(table)}) TO STDOUT`;
  if (!hasCondition(table)) {
    return `COPY ${qualifiedName(table.schema, table.name)}${copyColumns(table.columns)} TO STDOUT`;
  }
  const own = `ONLY ${qualifiedName(table.schema, table.name)}`;
  return `COPY (SELECT ${columnNames(table.columns).join(', ')} FROM ${own} ${table.condition ?? ''}\n) TO STDOUT`;
}

/** The list of columns that a COPY carries, with a space before it: generated ones are computed by the target. */
export function copyColumns(columns: CopiedRows['columns']): string {
  const names = columnNames(columns);
  // A table without such columns takes no list; each of its rows is an empty line.
  return names.length === 0 ? '' : ` (${names.join(', ')})`;
}

function columnNames(columns: CopiedRows['columns']): readonly string[] {
  return columns.filter(({ generated }) => !generated).map(({ name }) => quoteIdentifier(name));
}

function isRead<T extends TableRows>(table: T): table is T & { readonly reading: Reading } {
  return (table.reading ?? null) !== null;
}

function hasCondition({ condition }: TableRows): boolean {
  return (condition ?? '') !== '';
}

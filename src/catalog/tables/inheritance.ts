import type { ColumnRow } from './columns.ts';
import type { ColumnDefault } from './defaults.ts';
import type { TableRow } from './table-row.ts';

/** A table with what the statement that makes it needs to know of its columns. */
export interface TableColumns {
  readonly row: TableRow;
  readonly columns: readonly ColumnRow[];
  /** By number of the column. */
  readonly defaults: ReadonlyMap<number, ColumnDefault>;
}

/** What one parent says of a column. */
export interface ParentColumn {
  readonly column: ColumnRow;
  readonly value: ColumnDefault | null;
}

/**
 * The columns of the same name in the tables from which this one inherits, in their order. Partitions are made alone
 * and attached afterwards, so they inherit nothing when they are made.
 */
export function parentColumns(parents: readonly TableColumns[], name: string): readonly ParentColumn[] {
  return parents.flatMap(({ columns, defaults }) =>
    columns
      .filter((column) => column.name === name)
      .map((column) => ({ column, value: defaults.get(column.number) ?? null })),
  );
}

export function isGenerated(
  value: ColumnDefault | null | undefined,
): value is ColumnDefault & { readonly part: null } {
  return value !== undefined && value !== null && value.part === null;
}

/** CREATE TABLE names the column: not so when only its parents do. */
export function isNamed(row: TableRow, column: ColumnRow): boolean {
  return column.local || row.partition;
}

/**
 * Whether the parents agree on a default or an expression, or have none; else CREATE TABLE demands one of the table's
 * own.
 */
export function parentsAgree(parents: readonly ParentColumn[]): boolean {
  const said = parents.flatMap(({ value }) => (value === null ? [] : [value.expression]));
  return new Set(said).size <= 1;
}

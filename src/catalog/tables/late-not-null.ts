import type { ColumnRow } from './columns.ts';
import { parentColumns } from './inheritance.ts';
import type { TableColumns } from './inheritance.ts';

/** Its constraint is made after the rows: NOT VALID, or one that such a parent's statement brings. */
export function isLate({ notNullOid, notNullValidated, notNullValidatedAfter }: ColumnRow): boolean {
  return notNullOid !== null && (!notNullValidated || notNullValidatedAfter);
}

/**
 * Marks NOT NULL constraints (18) that are valid although the parents' are not, because a child alone was validated.
 * Written in the child's CREATE TABLE they would be the child's own, and stay when the parent's is dropped.
 */
export function markLateNotNull(
  tables: ReadonlyMap<number, TableColumns>,
): ReadonlyMap<number, TableColumns> {
  const marked = new Map<number, TableColumns>();
  const mark = (oid: number): TableColumns | undefined => {
    const table = tables.get(oid);
    if (table === undefined || marked.has(oid)) return marked.get(oid);
    const parents = table.row.parents.flatMap((parent) => mark(parent) ?? []);
    const columns = table.columns.map((column) =>
      comesLate(column, parents) ? { ...column, notNullValidatedAfter: true } : column,
    );
    const now = { ...table, columns };
    marked.set(oid, now);
    return now;
  };
  for (const oid of tables.keys()) mark(oid);
  return marked;
}

function comesLate(column: ColumnRow, parents: readonly TableColumns[]): boolean {
  if (column.notNullOid === null || column.notNullLocal || !column.notNullValidated) return false;
  const above = parentColumns(parents, column.name)
    .map((parent) => parent.column)
    .filter((parent) => parent.notNullOid !== null && !parent.notNullNoInherit);
  // Under a name of its own it can only have been said by the child itself.
  const named = above.some(({ notNullName }) => notNullName === column.notNullName);
  return named && above.every((parent) => isLate(parent));
}

import type { TableColumns } from './inheritance.ts';

/**
 * The order in which the columns of a table come out: those of its parents first, as CREATE TABLE … INHERITS puts
 * them. In the source they may stand otherwise: a parent's column may be younger than the child's own, or the table
 * was made a child when it was there already.
 */
export function columnOrder(
  { row, columns }: TableColumns,
  tableOf: (oid: number) => TableColumns | undefined,
): readonly string[] {
  const own = columns.map(({ name }) => name);
  if (row.partition) return own;
  const inherited = row.parents.flatMap((parent) => {
    const table = tableOf(parent);
    return table === undefined ? [] : columnOrder(table, tableOf);
  });
  return [...new Set([...inherited, ...own])];
}

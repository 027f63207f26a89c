import type { TableColumns } from './inheritance.ts';

/**
 * The column order that CREATE TABLE … INHERITS gives: the parents' columns first. In the source the order may
 * differ: a parent's column may be younger than the child's own, or the table became a child later.
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

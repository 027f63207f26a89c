import type { TableRow } from './table-row.ts';

/** OIDs of all tables that inherit from a table or are part of it, however far, each once. */
export type TablesBelow = (table: number) => readonly number[];

export function tablesBelow(rows: readonly TableRow[]): TablesBelow {
  const children = new Map<number, number[]>();
  for (const { oid, parents } of rows) {
    for (const parent of parents) {
      const known = children.get(parent);
      if (known === undefined) children.set(parent, [oid]);
      else known.push(oid);
    }
  }
  return (table) => {
    const found = new Set<number>();
    const next = [...(children.get(table) ?? [])];
    for (let at = next.pop(); at !== undefined; at = next.pop()) {
      if (found.has(at)) continue;
      found.add(at);
      next.push(...(children.get(at) ?? []));
    }
    return [...found].sort((a, b) => a - b);
  };
}

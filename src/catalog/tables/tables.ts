import type { CatalogSession } from '../catalog-session.ts';
import type { ConstraintRow } from '../constraints/constraint-row.ts';
import { displayQualified } from '../display-name.ts';
import type { Draft } from '../draft.ts';
import { groupBy } from '../group-by.ts';
import type { CatalogTable, UnsupportedObject } from '../model.ts';
import type { ColumnsByRelation } from './columns.ts';
import type { ColumnDefault } from './defaults.ts';
import { tableDrafts, tableObstacles } from './table-drafts.ts';
import { readTableRows } from './table-row.ts';
import type { TableRow } from './table-row.ts';

export interface Tables {
  readonly rows: readonly TableRow[];
  readonly drafts: readonly Draft[];
  readonly tables: readonly CatalogTable[];
  readonly unsupported: readonly UnsupportedObject[];
}

export interface TablesInput {
  readonly columns: ColumnsByRelation;
  readonly defaults: readonly ColumnDefault[];
  readonly constraints: readonly ConstraintRow[];
}

export async function readTables(catalog: CatalogSession, input: TablesInput): Promise<Tables> {
  const rows = await readTableRows(catalog);
  const byOid = new Map(rows.map((row) => [row.oid, row]));
  const defaults = groupBy(input.defaults, ({ relation }) => relation);
  const constraints = groupBy(input.constraints, ({ table }) => table);
  const drafts = rows.flatMap((row) => {
    const parts = {
      columns: input.columns.get(row.oid) ?? [],
      defaults: new Map((defaults.get(row.oid) ?? []).map((value) => [value.column, value])),
      checks: (constraints.get(row.oid) ?? []).filter(
        ({ type, validated, enforced }) => type === 'c' && validated && enforced,
      ),
    };
    return tableDrafts(row, parts, row.partition ? (byOid.get(row.parents[0] ?? 0) ?? null) : null);
  });
  const tables = rows
    .filter((row) => row.relkind === 'r')
    .map((row) => catalogTable(row, byOid, input.columns, constraints.get(row.oid) ?? []));
  const unsupported = rows.flatMap((row) =>
    tableObstacles(row).map((obstacle) => ({
      identity: `table ${displayQualified(row.schema, row.name)} ${obstacle}`,
      table: `table:${row.oid}`,
    })),
  );
  return { rows, drafts, tables, unsupported };
}

function catalogTable(
  row: TableRow,
  byOid: ReadonlyMap<number, TableRow>,
  columns: ColumnsByRelation,
  constraints: readonly ConstraintRow[],
): CatalogTable {
  return {
    id: `table:${row.oid}`,
    schema: row.schema,
    name: row.name,
    columns: (columns.get(row.oid) ?? []).map(({ name, type, notNull, generated }) => ({
      name,
      type,
      notNull,
      generated: generated !== '',
    })),
    keyColumns: constraints.find(({ type }) => type === 'p')?.keyColumns ?? [],
    rowsEstimated: row.rowsEstimated,
    bytes: row.bytes,
    extensionConfig: false,
    condition: null,
    loadThrough: loadThrough(row, byOid),
  };
}

/** The root of the partition tree, where a row's partition depends on OIDs, which are others in the target. */
function loadThrough(row: TableRow, byOid: ReadonlyMap<number, TableRow>): CatalogTable['loadThrough'] {
  let root: TableRow | undefined;
  let hashesByOid = false;
  for (
    let next = row.partition ? byOid.get(row.parents[0] ?? 0) : undefined;
    next !== undefined;
    next = byOid.get(next.parents[0] ?? 0)
  ) {
    root = next;
    hashesByOid ||= next.hashesByOid;
  }
  return root !== undefined && hashesByOid ? { schema: root.schema, name: root.name } : null;
}

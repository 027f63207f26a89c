import { isInlineCheck } from '../constraints/check-constraint.ts';
import type { ConstraintRow } from '../constraints/constraint-row.ts';
import type { Draft } from '../draft.ts';
import { groupBy } from '../group-by.ts';
import type { CatalogTable, UnsupportedObject } from '../model.ts';
import { columnOrder } from './column-order.ts';
import type { ColumnsByRelation } from './columns.ts';
import { tableId } from './create-table.ts';
import type { ColumnDefault } from './defaults.ts';
import type { TableColumns } from './inheritance.ts';
import { tableDrafts, tableIdentity } from './table-drafts.ts';
import { markLateNotNull } from './late-not-null.ts';
import { tableObstacles } from './table-obstacles.ts';
import type { TableRow } from './table-row.ts';
import { tablesBelow } from './tables-below.ts';
import { unsupported } from '../unsupported/unsupported.ts';

export interface Tables {
  readonly drafts: readonly Draft[];
  readonly tables: readonly CatalogTable[];
  readonly unsupported: readonly UnsupportedObject[];
}

export interface TablesInput {
  readonly rows: readonly TableRow[];
  readonly columns: ColumnsByRelation;
  readonly defaults: readonly ColumnDefault[];
  readonly constraints: readonly ConstraintRow[];
}

export function tablesOf(input: TablesInput): Tables {
  const { rows } = input;
  const defaults = groupBy(input.defaults, ({ relation }) => relation);
  const constraints = groupBy(input.constraints, ({ table }) => table);
  const read = new Map(
    rows.map((row): readonly [number, TableColumns] => [
      row.oid,
      {
        row,
        columns: input.columns.get(row.oid) ?? [],
        defaults: new Map((defaults.get(row.oid) ?? []).map((value) => [value.column, value])),
      },
    ]),
  );
  const byOid = markLateNotNull(read);
  const known = (oids: readonly number[]): TableColumns[] => oids.flatMap((oid) => byOid.get(oid) ?? []);
  const below = tablesBelow(rows);
  const own = [...byOid.values()].filter(({ row }) => !row.member);
  const made = own.map((table) => ({
    ...table,
    checks: (constraints.get(table.row.oid) ?? []).filter((row) => row.type === 'c' && isInlineCheck(row)),
    parents: table.row.partition ? [] : known(table.row.parents),
  }));
  return {
    drafts: made.flatMap((table) =>
      tableDrafts(table, {
        partitionOf: table.row.partition ? (known(table.row.parents)[0] ?? null) : null,
        below: known(below(table.row.oid)),
      }),
    ),
    tables: made
      .filter(({ row }) => row.relkind === 'r')
      .map((table) => catalogTable(table, byOid, constraints.get(table.row.oid) ?? [])),
    unsupported: made.flatMap((table) =>
      tableObstacles(
        table,
        columnOrder(table, (oid) => byOid.get(oid)),
      ).map((obstacle) =>
        unsupported(tableIdentity(table.row), {
          obstacle,
          table: tableId(table.row),
          objects: [tableId(table.row)],
        }),
      ),
    ),
  };
}

function catalogTable(
  { row, columns }: TableColumns,
  byOid: ReadonlyMap<number, TableColumns>,
  constraints: readonly ConstraintRow[],
): CatalogTable {
  return {
    id: tableId(row),
    schema: row.schema,
    name: row.name,
    columns: columns.map(({ name, type, notNull, generated, hasDefault }) => ({
      name,
      type,
      notNull,
      generated: generated !== '',
      hasDefault,
    })),
    keyColumns: constraints.find(({ type }) => type === 'p')?.keyColumns ?? [],
    rowsEstimated: row.rowsEstimated,
    bytes: row.bytes,
    extensionConfig: false,
    condition: null,
    loadThrough: loadThrough(row, byOid),
    searchPath: [],
  };
}

/** The root of the partition tree, if a row's partition depends on OIDs, which differ in the target. */
function loadThrough(row: TableRow, byOid: ReadonlyMap<number, TableColumns>): CatalogTable['loadThrough'] {
  const above = (table: TableRow): TableRow | undefined =>
    table.partition ? byOid.get(table.parents[0] ?? 0)?.row : undefined;
  let root: TableRow | undefined;
  let hashesByOid = false;
  for (let next = above(row); next !== undefined; next = above(next)) {
    root = next;
    hashesByOid ||= next.hashesByOid;
  }
  return root !== undefined && hashesByOid ? { schema: root.schema, name: root.name } : null;
}

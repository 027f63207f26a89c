import { sqlFile } from '../lib/sql-file.ts';
import { qualifiedName } from './identifiers.ts';
import type { CallOptions, PipelineQueryable, Queryable } from './session.ts';

const unchangedTablesSql = sqlFile(import.meta.url, './unchanged-tables.sql');

export interface CountedTable {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  /** How many rows the snapshot saw. */
  readonly rows: number;
}

/**
 * Of some tables, those that hold the very rows which a snapshot saw: as many, and none written by a transaction that
 * the snapshot did not see. Each row says who wrote it (`xmin`, PostgreSQL manual, "System Columns"); who was at work
 * when the snapshot was taken, or came later, has a number from `oldest` on. Such a row is new, and one that was
 * deleted is missing in the count. Numbers that come round again make an old row look new, never a new one old. Reads
 * each table once, without the values of its rows: a tenth of what a digest takes. The caller keeps writers off.
 */
export async function unwrittenTables<Table extends CountedTable>(
  session: PipelineQueryable,
  tables: readonly Table[],
  oldest: string,
  options: CallOptions,
): Promise<readonly Table[]> {
  if (tables.length === 0) return [];
  const told = await tellableTables(
    session,
    tables.map(({ oid }) => oid),
    oldest,
    options,
  );
  const tellable = tables.filter(({ oid }) => told.has(oid));
  const unwritten: Table[] = [];
  await session.pipeline(
    tellable.map((table) => ({
      text: `SELECT count(*)::text AS rows, count(*) FILTER (WHERE pg_catalog.age(xmin) <= pg_catalog.age($1::xid)) = 0 AS unwritten
FROM ONLY ${qualifiedName(table.schema, table.name)}`,
      values: [oldest],
    })),
    (index, [found]) => {
      const table = tellable[index];
      const row = found as { readonly rows: string; readonly unwritten: boolean } | undefined;
      if (table !== undefined && row?.unwritten === true && Number(row.rows) === table.rows)
        unwritten.push(table);
    },
    options,
  );
  return unwritten;
}

/**
 * Of some tables, by OID, those whose rows tell who wrote them last: no migration since `oldest` has given columns
 * other values without writing rows.
 */
export async function tellableTables(
  session: Queryable,
  oids: readonly string[],
  oldest: string,
  options: CallOptions,
): Promise<ReadonlySet<string>> {
  const rows = await session.query<{ at: number }>(unchangedTablesSql, [oids, oldest], options);
  return new Set(rows.flatMap(({ at }) => oids[at - 1] ?? []));
}

import type { CatalogTable } from '../../catalog/model.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { qualifiedName, quoteIdentifier, quoteLiteral } from '../../postgres/identifiers.ts';
import { rowsAsTable } from '../../postgres/rows.ts';
import type { CallOptions, Queryable } from '../../postgres/session.ts';
import { tableName } from '../../lib/table-name.ts';

/** A kept table as it is now, and the columns it has in the state an undo leads to; null where it is not there. */
export interface UndoneTable {
  readonly live: CatalogTable;
  readonly columns: readonly { readonly name: string }[] | null;
  /** Whether somebody wrote to its rows since, compared by the columns that both states have. */
  readonly changed: boolean;
}

/** A default that gives every row the same value: a literal, with or without a cast. */
const constant = /^(?:NULL|true|false|\(?-?[\d.]+\)?|'(?:[^']|'')*')(?:::[\w ."[\](),]+)?$/;

/**
 * Stops an undo that would lose what people wrote into a table or column that the old state does not have.
 * CONFLICT_UNDO_CHANGED names each. A column in which every row has the default holds nothing that people wrote. If
 * the default differs from row to row this cannot be seen; then it counts whether somebody wrote to the rest of the
 * row.
 */
export async function refuseUndoLosses(
  session: Queryable,
  tables: readonly UndoneTable[],
  options: CallOptions,
): Promise<void> {
  const losses: string[] = [];
  for (const table of tables) {
    const name = tableName(table.live);
    if (table.columns === null) {
      if (await exists(session, table.live, 'true', options)) losses.push(name);
      continue;
    }
    const known = new Set(table.columns.map((column) => column.name));
    for (const column of table.live.columns) {
      if (known.has(column.name) || column.generated) continue;
      if (await holdsMore(session, table, column.name, options)) losses.push(`${name}.${column.name}`);
    }
  }
  refuse(losses);
}

/**
 * Rows that an undo carries over have no values for columns that only the old state has, so the old state's values
 * there would be lost. CONFLICT_UNDO_CHANGED names each such column that holds values. `old`: null if the values
 * cannot be read.
 */
export async function refuseColumnsGone(
  old: Queryable | null,
  tables: readonly {
    readonly old: Parameters<typeof rowsAsTable>[0] & { readonly columns: readonly UndoColumn[] };
    readonly live: CatalogTable;
  }[],
  options: CallOptions,
): Promise<void> {
  const losses: string[] = [];
  for (const { old: table, live } of tables) {
    for (const { name, generated } of table.columns) {
      if (generated || live.columns.some((column) => column.name === name)) continue;
      if (old === null || (await exists(old, table, `${quoteIdentifier(name)} IS NOT NULL`, options)))
        losses.push(`${tableName(table)}.${name}`);
    }
  }
  if (losses.length === 0) return;
  throw new SyncError(
    'CONFLICT_UNDO_CHANGED',
    `The old state has values in ${losses.join(', ')}, which the rows written after the run do not have. ` +
      'Nothing was undone.',
    { details: { places: losses } },
  );
}

interface UndoColumn {
  readonly name: string;
  readonly generated: boolean;
}

function refuse(losses: readonly string[]): void {
  if (losses.length === 0) return;
  throw new SyncError(
    'CONFLICT_UNDO_CHANGED',
    `The old state has no place for what was written after the run into ${losses.join(', ')}. Nothing was undone.`,
    { details: { places: losses } },
  );
}

async function holdsMore(
  session: Queryable,
  { live, changed }: UndoneTable,
  column: string,
  options: CallOptions,
): Promise<boolean> {
  const [row] = await session.query<{ expression: string | null; identity: boolean }>(
    `SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS expression, a.attidentity <> '' AS identity
FROM pg_catalog.pg_attribute AS a
LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = ${quoteLiteral(qualifiedName(live.schema, live.name))}::regclass AND a.attname = ${quoteLiteral(column)}`,
    [],
    options,
  );
  const expression = row?.expression ?? 'NULL';
  if (row?.identity === true || !constant.test(expression)) return changed;
  // As text: a type may have no equality (json).
  return exists(
    session,
    live,
    `${quoteIdentifier(column)}::text IS DISTINCT FROM (${expression})::text`,
    options,
  );
}

async function exists(
  session: Queryable,
  table: Parameters<typeof rowsAsTable>[0],
  condition: string,
  options: CallOptions,
): Promise<boolean> {
  const [row] = await session.query<{ found: boolean }>(
    `SELECT EXISTS (SELECT FROM ${rowsAsTable(table)} WHERE ${condition}) AS found`,
    [],
    options,
  );
  return row?.found === true;
}

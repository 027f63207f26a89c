import { tableName } from '../../../lib/table-name.ts';
import { quoteIdentifier, quoteLiteral } from '../../../postgres/identifiers.ts';
import { rowsAsTable } from '../../../postgres/rows.ts';
import type { TableRows } from '../../../postgres/rows.ts';
import type { Queryable } from '../../../postgres/session.ts';
import { databaseError, sqlState } from '../../../postgres/sqlstate.ts';
import type { Side } from '../../../postgres/conditions.ts';

export interface LookedAt extends TableRows {
  readonly columns: readonly { readonly name: string }[];
  /** On the disk. */
  readonly bytes: number;
}

export interface Unfit {
  /** `public.t (v, w)`: tables with the columns whose values do not fit. */
  readonly found: readonly string[];
  /** Tables that were too large together to be looked at. */
  readonly passedOver: readonly string[];
}

/** Rows that a plan reads to look at each of their texts; some seconds. */
const lookBytesMax = 512 * 1024 ** 2;
/** Bytes that are no character, and a character without a place. */
const unfitStates = new Set(['22021', '22P05']);

/** Looks for texts that have no place in an encoding, the smallest tables first. Reads rows on the server only. */
export async function findUnfit(
  session: Queryable,
  tables: readonly LookedAt[],
  encoding: string,
  { side, signal }: { readonly side: Side; readonly signal: AbortSignal },
): Promise<Unfit> {
  const found: string[] = [];
  const passedOver: string[] = [];
  let looked = 0;
  const fits = async (table: LookedAt, columns: LookedAt['columns']): Promise<boolean> => {
    try {
      await session.query(fitSql(table, columns, encoding), [], { signal });
      return true;
    } catch (error) {
      signal.throwIfAborted();
      if (unfitStates.has(sqlState(error) ?? '')) return false;
      throw databaseError(error, side, `Reading the texts of ${tableName(table)}`);
    }
  };
  for (const table of [...tables].sort((a, b) => a.bytes - b.bytes)) {
    looked += table.bytes;
    if (looked > lookBytesMax) {
      passedOver.push(tableName(table));
      continue;
    }
    if (await fits(table, table.columns)) continue;
    const columns: string[] = [];
    for (const column of table.columns) if (!(await fits(table, [column]))) columns.push(column.name);
    found.push(`${tableName(table)} (${columns.join(', ')})`);
  }
  return { found, passedOver };
}

function fitSql(table: LookedAt, columns: LookedAt['columns'], encoding: string): string {
  const row = `ROW(${columns.map(({ name }) => quoteIdentifier(name)).join(', ')})::pg_catalog.text`;
  return `SELECT pg_catalog.max(pg_catalog.octet_length(${inEncoding(row, encoding)})) AS longest FROM ${rowsAsTable(table)}`;
}

/** A text converted through UTF-8 into an encoding, as rows are: the server refuses what has no place there. */
function inEncoding(text: string, encoding: string): string {
  const travelling = `pg_catalog.convert_to(${text}, 'UTF8')`;
  return encoding === 'UTF8'
    ? travelling
    : `pg_catalog.convert(${travelling}, 'UTF8', ${quoteLiteral(encoding)})`;
}

/** Texts of objects that have no place in an encoding, by the names of the objects. */
export async function unfitObjects(
  session: Queryable,
  objects: readonly { readonly identity: string; readonly sql: string }[],
  encoding: string,
  { side, signal }: { readonly side: Side; readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { identity, sql } of objects) {
    // oxlint-disable-next-line no-control-regex -- all of ASCII has a place everywhere
    if (/^[\x00-\x7f]*$/.test(sql)) continue;
    try {
      await session.query(`SELECT ${inEncoding('$1::text', encoding)}`, [sql], { signal });
    } catch (error) {
      signal.throwIfAborted();
      if (!unfitStates.has(sqlState(error) ?? '')) throw databaseError(error, side, `Looking at ${identity}`);
      found.push(identity);
    }
  }
  return found;
}

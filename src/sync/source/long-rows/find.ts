import { sqlFile } from '../../../lib/sql-file.ts';
import { tableName } from '../../../lib/table-name.ts';
import { quoteIdentifier } from '../../../postgres/identifiers.ts';
import { rowsAsTable } from '../../../postgres/rows.ts';
import type { TableRows } from '../../../postgres/rows.ts';
import type { CallOptions, Queryable } from '../../../postgres/session.ts';

const candidatesSql = sqlFile(import.meta.url, './candidates.sql');

export interface KeyedRows extends TableRows {
  readonly keyColumns: readonly string[];
}

export interface LongRowLimits {
  /** Bytes of a line of COPY, and of a row's text in a digest: what the server's buffers hold (MaxAllocSize). */
  readonly rowBytes: number;
  /** No value is that long below this number of stored bytes: the best compression ratio is 255. */
  readonly toastBytes: number;
  /** Of tables without their TOAST: what is read to look. */
  readonly heapBytes: number;
}

const longRowLimits: LongRowLimits = {
  rowBytes: 0x3fff_ffff,
  toastBytes: Math.floor(0x3fff_ffff / 2 / 255),
  heapBytes: 1024 ** 3,
};

export interface LongRows {
  /** `public.wide, key (2)`: too long whatever they hold. */
  readonly tooLong: readonly string[];
  /** Too long where enough of their characters are written as two (a backslash, a quote, a line end). */
  readonly perhaps: readonly string[];
  /** Tables that could have such rows and were too large to be looked at. */
  readonly passedOver: readonly string[];
}

interface Candidate {
  readonly schema: string;
  readonly name: string;
  readonly heap: string;
  readonly texts: readonly string[];
  readonly bytes: readonly string[];
}

/** Rows named of one table. */
const rowsMax = 5;

/**
 * Looks for rows that the server cannot write as text. Lengths of texts and bytes are known without reading them, so
 * that only the tables themselves are read, the smallest first; other types are not looked at.
 */
export async function findLongRows(
  session: Queryable,
  tables: readonly KeyedRows[],
  options: CallOptions,
  limits: LongRowLimits = longRowLimits,
): Promise<LongRows> {
  const candidates = await session.query<Candidate>(
    candidatesSql,
    [tables.map(({ schema }) => schema), tables.map(({ name }) => name), limits.toastBytes],
    options,
  );
  const byName = new Map(tables.map((table) => [tableName(table), table]));
  const tooLong: string[] = [];
  const perhaps: string[] = [];
  const passedOver: string[] = [];
  let looked = 0;
  for (const candidate of candidates) {
    const table = byName.get(tableName(candidate));
    if (table === undefined || candidate.texts.length + candidate.bytes.length === 0) continue;
    looked += Number(candidate.heap);
    if (looked > limits.heapBytes) {
      passedOver.push(tableName(table));
      continue;
    }
    const rows = await session.query<{ key: string | null; least: string }>(
      longRowsSql(table, candidate, limits),
      [],
      options,
    );
    for (const { key, least } of rows) {
      const row = `${tableName(table)}${key === null ? '' : `, key ${key}`}`;
      (Number(least) > limits.rowBytes ? tooLong : perhaps).push(row);
    }
  }
  return { tooLong, perhaps, passedOver };
}

function longRowsSql(table: KeyedRows, { texts, bytes }: Candidate, { rowBytes }: LongRowLimits): string {
  const lengths = (columns: readonly string[], each: number): readonly string[] =>
    columns.map(
      (name) => `${each} * COALESCE(pg_catalog.octet_length(${quoteIdentifier(name)}), 0)::pg_catalog.int8`,
    );
  // Bytes are written as two hexadecimal digits each.
  const least = [...lengths(texts, 1), ...lengths(bytes, 2)].join(' + ');
  const most = [...lengths(texts, 2), ...lengths(bytes, 2)].join(' + ');
  const key =
    table.keyColumns.length === 0
      ? 'NULL::pg_catalog.text'
      : `ROW(${table.keyColumns.map(quoteIdentifier).join(', ')})::pg_catalog.text`;
  return `SELECT ${key} AS key, (${least})::pg_catalog.text AS least FROM ${rowsAsTable(table)}
WHERE ${most} > ${rowBytes} ORDER BY ${most} DESC LIMIT ${rowsMax}`;
}

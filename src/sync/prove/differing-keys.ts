import { both } from '../../lib/both.ts';
import { rowText } from '../../postgres/digest.ts';
import { quoteIdentifier } from '../../postgres/identifiers.ts';
import { rowsAsTable } from '../../postgres/rows.ts';
import type { TableRows } from '../../postgres/rows.ts';
import type { CallOptions, Queryable } from '../../postgres/session.ts';

/** Groups of rows by hash of their key; only groups that differ are looked into. */
const buckets = 4096;
const keysMax = 20;
const bucketsMax = 20;
/** Rows fetched at a time, of one bucket at least; keys and hashes only. */
const rowsMax = 20_000;

interface KeyedTable extends TableRows {
  readonly columns: readonly { readonly name: string }[];
  readonly keyColumns: readonly string[];
}

/**
 * Names rows that differ between two tables, by their keys and never by other values; at most 20. Each side groups its
 * rows by a hash of the key first, so that only keys of differing groups travel: memory is a few thousand short lines.
 * Empty where the tables do not share a key.
 */
export async function differingKeys(
  leftSession: Queryable,
  rightSession: Queryable,
  left: KeyedTable,
  right: KeyedTable,
  options: CallOptions,
): Promise<readonly string[]> {
  const key = left.keyColumns;
  if (key.length === 0 || key.join('\0') !== right.keyColumns.join('\0')) return [];
  const shared = { ...right, columns: left.columns };
  const [leftGroups, rightGroups] = await both(
    (signal) => groups(leftSession, left, { signal }),
    (signal) => groups(rightSession, shared, { signal }),
    options.signal,
  );
  const different = [...new Set([...leftGroups.keys(), ...rightGroups.keys()])]
    .filter((bucket) => leftGroups.get(bucket)?.sum !== rightGroups.get(bucket)?.sum)
    .slice(0, bucketsMax);
  const rowsIn = (bucket: number): number =>
    Math.max(leftGroups.get(bucket)?.rows ?? 0, rightGroups.get(bucket)?.rows ?? 0);
  const keys: string[] = [];
  for (const part of inParts(different, rowsIn)) {
    const [leftRows, rightRows] = await both(
      (signal) => rowsOf(leftSession, left, part, { signal }),
      (signal) => rowsOf(rightSession, shared, part, { signal }),
      options.signal,
    );
    for (const [name, hash] of leftRows) if (rightRows.get(name) !== hash) keys.push(name);
    for (const name of rightRows.keys()) if (!leftRows.has(name)) keys.push(name);
    if (keys.length >= keysMax) break;
  }
  return keys.slice(0, keysMax).sort();
}

/** Buckets whose rows are asked for together, as each question reads the whole table. Pure. */
export function inParts(
  buckets: readonly number[],
  rowsIn: (bucket: number) => number,
): readonly (readonly number[])[] {
  const parts: number[][] = [];
  let rows = Number.POSITIVE_INFINITY;
  for (const bucket of buckets) {
    rows += rowsIn(bucket);
    if (rows > rowsMax) {
      parts.push([]);
      rows = rowsIn(bucket);
    }
    parts.at(-1)?.push(bucket);
  }
  return parts;
}

const keyOf = (table: KeyedTable): string => rowText(table.keyColumns.map((name) => ({ name })));
/** For people: the session translates it into UTF-8. */
const keyText = (table: KeyedTable): string =>
  `ROW(${table.keyColumns.map(quoteIdentifier).join(', ')})::text`;
const rowHash = (table: KeyedTable): string =>
  `pg_catalog.hashtextextended((${rowText(table.columns)}) COLLATE pg_catalog."C", 1)`;
const bucketOf = (table: KeyedTable): string =>
  `(pg_catalog.hashtextextended((${keyOf(table)}) COLLATE pg_catalog."C", 3) & ${buckets - 1})::int`;

interface Group {
  readonly rows: number;
  readonly sum: string;
}

async function groups(
  session: Queryable,
  table: KeyedTable,
  options: CallOptions,
): Promise<ReadonlyMap<number, Group>> {
  const rows = await session.query<{ bucket: number; rows: string; sum: string }>(
    `SELECT ${bucketOf(table)} AS bucket, count(*)::text AS rows, count(*) || ':' || sum(${rowHash(table)}) AS sum
FROM ${rowsAsTable(table)} GROUP BY 1`,
    [],
    options,
  );
  return new Map(rows.map(({ bucket, rows: count, sum }) => [bucket, { rows: Number(count), sum }]));
}

async function rowsOf(
  session: Queryable,
  table: KeyedTable,
  of: readonly number[],
  options: CallOptions,
): Promise<ReadonlyMap<string, string>> {
  const rows = await session.query<{ key: string; hash: string }>(
    `SELECT ${keyText(table)} AS key, ${rowHash(table)}::text AS hash FROM ${rowsAsTable(table)}
WHERE ${bucketOf(table)} = ANY ($1::int[]) ORDER BY 1 LIMIT ${rowsMax}`,
    [of],
    options,
  );
  return new Map(rows.map(({ key, hash }) => [key, hash]));
}

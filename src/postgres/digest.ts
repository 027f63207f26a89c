import { qualifiedName, quoteIdentifier } from './identifiers.ts';
import { rowsAsTable } from './rows.ts';
import type { TableRows } from './rows.ts';
import type { CallOptions, PipelineQueryable, Queryable } from './session.ts';

/**
 * Digest of a table's rows, computed by the server: how many, and the sums of two 64-bit hashes (`hashtextextended`
 * with seeds 1 and 2) over each row's text. Sums do not depend on the order of rows and count duplicates. Equal rows
 * are equal text because both sessions pin every setting that changes text (session-settings.ts).
 *
 * The hash guards against accident, not against an adversary who can write to both databases. It is a third of the
 * cost of two halves of MD5 (docs/adr/0004-digest.md) and gives the same values on servers 13 to 18 of one byte order;
 * between byte orders it differs, which fails closed.
 */
export interface TableDigest {
  readonly algorithm: string;
  readonly rows: number;
  /** Decimal text: sums grow beyond 64 bits. */
  readonly sumHigh: string;
  readonly sumLow: string;
}

export const digestAlgorithm = 'hashtextextended-2x64-1';

export interface DigestTable extends TableRows {
  /** In the order in which they are hashed: the same on both sides. */
  readonly columns: readonly { readonly name: string }[];
  /**
   * The root whose rows another server may spread over the partitions in another way: only their sum can be compared.
   */
  readonly loadThrough?: { readonly schema: string; readonly name: string } | null;
}

/** Tables whose digests are compared as one sum: a partition loaded through its root stands for the whole tree. */
export function digestGroup({ schema, name, loadThrough }: DigestTable): string {
  const of = loadThrough ?? { schema, name };
  return qualifiedName(of.schema, of.name);
}

/** Digest of several tables' rows together. */
export function sumDigests(digests: readonly TableDigest[]): TableDigest {
  const sum = (of: (digest: TableDigest) => string): string =>
    digests.reduce((total, digest) => total + BigInt(of(digest)), 0n).toString();
  return {
    algorithm: digests.find(({ algorithm }) => algorithm !== digestAlgorithm)?.algorithm ?? digestAlgorithm,
    rows: digests.reduce((total, { rows }) => total + rows, 0),
    sumHigh: sum(({ sumHigh }) => sumHigh),
    sumLow: sum(({ sumLow }) => sumLow),
  };
}

/**
 * A row as text in UTF-8, whatever the database's encoding: hashes are made of bytes. In a database of another encoding
 * SQL_ASCII takes the UTF-8 bytes over as they are, which encodings of one byte a character accept; one that does not
 * (EUC_JP …) makes the server refuse. `ROW(…)::text` tells NULL from an empty string.
 */
export function rowText(columns: readonly { readonly name: string }[]): string {
  const row = `ROW(${columns.map(({ name }) => quoteIdentifier(name)).join(', ')})::text`;
  // A subquery: asked once, not for each row.
  return `CASE WHEN (SELECT pg_catalog.getdatabaseencoding() = 'UTF8') THEN ${row} ELSE pg_catalog.convert_from(pg_catalog.convert_to(${row}, 'UTF8'), 'SQL_ASCII') END`;
}

function digestSql(table: DigestTable): string {
  // Partitions of one tree may have their columns in orders of their own.
  const columns =
    (table.loadThrough ?? null) === null
      ? table.columns
      : [...table.columns].sort((a, b) => (a.name < b.name ? -1 : 1));
  // COLLATE "C": a nondeterministic default collation would fold texts.
  const hash = (seed: number): string => `pg_catalog.hashtextextended(line COLLATE pg_catalog."C", ${seed})`;
  return `SELECT count(*)::text AS rows, COALESCE(sum(${hash(1)}), 0)::text AS high, COALESCE(sum(${hash(2)}), 0)::text AS low
FROM (SELECT ${rowText(columns)} AS line FROM ${rowsAsTable(table)} OFFSET 0) AS lines`;
}

/** Reads the whole table once; no row leaves the server. */
export async function tableDigest(
  session: Queryable,
  table: DigestTable,
  options: CallOptions,
): Promise<TableDigest> {
  const [row] = await session.query<DigestRow>(digestSql(table), [], options);
  return digestOf(row);
}

/** Several tables' digests without waiting for each answer; `onDigest` gets them in their order, as each is there. */
export async function tableDigests(
  session: PipelineQueryable,
  tables: readonly DigestTable[],
  onDigest: (index: number, digest: TableDigest) => void,
  options: CallOptions,
): Promise<void> {
  await session.pipeline(
    tables.map((table) => ({ text: digestSql(table) })),
    (index, [row]) => onDigest(index, digestOf(row as DigestRow | undefined)),
    options,
  );
}

interface DigestRow {
  readonly rows: string;
  readonly high: string;
  readonly low: string;
}

function digestOf(row: DigestRow | undefined): TableDigest {
  if (row === undefined) throw new Error('an aggregate returned no row');
  return { algorithm: digestAlgorithm, rows: Number(row.rows), sumHigh: row.high, sumLow: row.low };
}

export function digestsEqual(left: TableDigest, right: TableDigest): boolean {
  return (
    left.algorithm === right.algorithm &&
    left.rows === right.rows &&
    left.sumHigh === right.sumHigh &&
    left.sumLow === right.sumLow
  );
}

/** 32 hex digits for people and receipts: both sums modulo 2^64. */
export function digestHex(digest: TableDigest): string {
  const half = (sum: string): string => BigInt.asUintN(64, BigInt(sum)).toString(16).padStart(16, '0');
  return half(digest.sumHigh) + half(digest.sumLow);
}

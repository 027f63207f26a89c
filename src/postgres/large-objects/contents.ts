import { sqlFile } from '../../lib/sql-file.ts';
import { quoteIdentifier } from '../identifiers.ts';
import type { CallOptions, Queryable } from '../session.ts';

const runsSql = sqlFile(import.meta.url, './runs.sql');

/**
 * Large objects are read by `lo_get` and written by `lo_from_bytea` and `lo_put`: an ordinary role may not look into
 * pg_largeobject. They move in chunks, a multiple of the server's own pages, so that no statement and no answer grows
 * with an object (`lo_get` gives no more than 1 GB), and so that several sessions can write one object.
 */
const chunkBytes = 256 * 1024;
/** Objects in a run. Some statements lock each object they name: a run must fit into any server's table of locks. */
const runObjects = 1_000;
/** Chunks after the first ones of a run's objects that are read together. */
const spanChunks = 256;

/** Large objects of one owner, from the first OID to the last. */
export interface LargeObjectRun {
  readonly owner: string;
  readonly ownerOid: number;
  readonly first: number;
  readonly last: number;
  readonly objects: number;
}

interface ChunkPlace {
  readonly oid: number;
  /** 0 is the first. */
  readonly chunk: number;
}

/** Chunks of a run's objects beyond the first of each. */
export interface LaterChunks {
  readonly run: LargeObjectRun;
  readonly from: ChunkPlace;
  /** The first that does not belong to it; null for the end of the run. */
  readonly until: ChunkPlace | null;
}

/** All large objects, in runs. In the snapshot of the session's transaction. */
export function largeObjectRuns(
  session: Queryable,
  options: CallOptions,
): Promise<readonly LargeObjectRun[]> {
  return session.query<LargeObjectRun>(runsSql, [runObjects], options);
}

/** Where the work on the rest of a run's objects can be divided; empty when none is longer than a chunk. */
export async function laterChunks(
  session: Queryable,
  run: LargeObjectRun,
  options: CallOptions,
): Promise<readonly LaterChunks[]> {
  const starts = await session.query<{ oid: number; chunk: string }>(
    `SELECT place.oid, place.chunk::text
FROM (
  SELECT o.oid, chunk, pg_catalog.row_number() OVER (ORDER BY o.oid, chunk) AS number
  FROM ${sized(run)} AS o CROSS JOIN LATERAL pg_catalog.generate_series(1::int8, (o.size - 1) / ${chunkBytes}) AS chunk
) AS place
WHERE place.number % ${spanChunks} = 1 ORDER BY place.number`,
    [],
    options,
  );
  const places = starts.map(({ oid, chunk }) => ({ oid, chunk: Number(chunk) }));
  return places.map((from, index) => ({ run, from, until: places[index + 1] ?? null }));
}

/**
 * The objects of a run with their sizes. Each is closed again at once: open ones would pile up until the transaction
 * ends.
 */
function sized({ ownerOid, first, last }: Pick<LargeObjectRun, 'ownerOid' | 'first' | 'last'>): string {
  const read = 0x40_000;
  const end = 2;
  return `(
  SELECT m.oid, (
    SELECT s.size
    FROM (
      SELECT f.fd, pg_catalog.lo_lseek64(f.fd, 0, ${end}) AS size
      FROM (SELECT pg_catalog.lo_open(m.oid, ${read}) AS fd OFFSET 0) AS f OFFSET 0
    ) AS s
    WHERE pg_catalog.lo_close(s.fd) = 0
  ) AS size
  FROM pg_catalog.pg_largeobject_metadata AS m
  WHERE m.lomowner = ${ownerOid} AND m.oid BETWEEN ${first} AND ${last}
  ORDER BY m.oid OFFSET 0
)`;
}

/**
 * The chunks of one span with their data, holes left out: a hole reads as zeros. The last chunk says where the object
 * ends.
 */
function laterData({ run, from, until }: LaterChunks): string {
  const objects = sized({ ...run, first: from.oid, last: until?.oid ?? run.last });
  const last = `(o.size - 1) / ${chunkBytes}`;
  const end =
    until === null
      ? last
      : `CASE WHEN o.oid = ${until.oid} THEN LEAST(${until.chunk - 1}::int8, ${last}) ELSE ${last} END`;
  return `(
  SELECT o.oid, chunk, d.data
  FROM ${objects} AS o
  CROSS JOIN LATERAL pg_catalog.generate_series(CASE WHEN o.oid = ${from.oid} THEN ${from.chunk}::int8 ELSE 1 END, ${end}) AS chunk
  CROSS JOIN LATERAL (SELECT pg_catalog.lo_get(o.oid, chunk * ${chunkBytes}, ${chunkBytes}) AS data OFFSET 0) AS d
  WHERE chunk = ${last}
    OR d.data <> (SELECT pg_catalog.decode(pg_catalog.repeat('00', ${chunkBytes}), 'hex'))
)`;
}

/** Rows of SQL text that stand between `contentsFrame`s head and tail: the objects of a run with their first chunk. */
export function firstChunksSql({ ownerOid, first, last }: LargeObjectRun): string {
  return `COPY (
  SELECT '(' || m.oid || ',''' || pg_catalog.encode(pg_catalog.lo_get(m.oid, 0, ${chunkBytes}), 'hex') || '''),'
  FROM pg_catalog.pg_largeobject_metadata AS m
  WHERE m.lomowner = ${ownerOid} AND m.oid BETWEEN ${first} AND ${last}
  ORDER BY m.oid
) TO STDOUT`;
}

/** The same for `laterFrame`. */
export function laterChunksSql(chunks: LaterChunks): string {
  return `COPY (
  SELECT '(' || c.oid || ',' || c.chunk * ${chunkBytes} || ',''' || pg_catalog.encode(c.data, 'hex') || '''),'
  FROM ${laterData(chunks)} AS c
) TO STDOUT`;
}

export interface StatementFrame {
  readonly head: string;
  readonly tail: string;
}

/**
 * What makes one statement of rows: it makes objects with their first chunk, and says how many. The last row makes
 * nothing: every row before it can end with a comma.
 */
export const firstFrame: StatementFrame = {
  head: `SELECT pg_catalog.count(pg_catalog.lo_from_bytea(v.id::pg_catalog.oid, pg_catalog.decode(v.data, 'hex'))) AS "rows" FROM (VALUES\n`,
  tail: '(NULL,NULL)) AS v (id, data);\n',
};

/** It adds to objects that are there, and says how many chunks. */
export const laterFrame: StatementFrame = {
  head: `SELECT pg_catalog.count(pg_catalog.lo_put(v.id::pg_catalog.oid, v.place::pg_catalog.int8, pg_catalog.decode(v.data, 'hex'))) AS "rows" FROM (VALUES\n`,
  tail: '(NULL,NULL,NULL)) AS v (id, place, data);\n',
};

/** Objects belong to the role that makes them. */
export function asOwner(owner: string): string {
  return `SET ROLE ${quoteIdentifier(owner)};\n`;
}

export interface ContentsDigest {
  readonly objects: number;
  readonly bytes: number;
  /** Decimal text. */
  readonly high: string;
  readonly low: string;
}

/** Digest of a run's objects by their sizes and first chunks; no byte of them travels. */
export function firstDigest(
  session: Queryable,
  run: LargeObjectRun,
  options: CallOptions,
): Promise<ContentsDigest> {
  const line = `o.oid || ':' || o.size || ':' || ${hashOf(`pg_catalog.lo_get(o.oid, 0, ${chunkBytes})`)}`;
  return digestOf(session, `SELECT ${line} AS line, o.size FROM ${sized(run)} AS o`, options);
}

/** Digest of the chunks of a span. It counts no objects and no bytes: those are counted with the first chunks. */
export async function laterDigest(
  session: Queryable,
  chunks: LaterChunks,
  options: CallOptions,
): Promise<ContentsDigest> {
  const line = `c.oid || ':' || c.chunk || ':' || ${hashOf('c.data')}`;
  const digest = await digestOf(
    session,
    `SELECT ${line} AS line, 0 AS size FROM ${laterData(chunks)} AS c`,
    options,
  );
  return { ...digest, objects: 0 };
}

function hashOf(data: string): string {
  return `pg_catalog.encode(pg_catalog.sha256(${data}), 'hex')`;
}

async function digestOf(session: Queryable, lines: string, options: CallOptions): Promise<ContentsDigest> {
  const hash = (seed: number): string =>
    `COALESCE(sum(pg_catalog.hashtextextended(l.line COLLATE pg_catalog."C", ${seed})), 0)::text`;
  const [row] = await session.query<{ objects: string; bytes: string; high: string; low: string }>(
    `SELECT count(*)::text AS objects, COALESCE(sum(l.size), 0)::text AS bytes, ${hash(1)} AS high, ${hash(2)} AS low
FROM (${lines} OFFSET 0) AS l`,
    [],
    options,
  );
  if (row === undefined) throw new Error('an aggregate returned no row');
  return { ...row, objects: Number(row.objects), bytes: Number(row.bytes) };
}

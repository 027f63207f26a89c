import { z } from 'zod';
import { quoteIdentifier, quoteLiteral } from '../../postgres/identifiers.ts';
import type { CallOptions, Queryable } from '../../postgres/session.ts';

/**
 * A note on a database of ours, kept as its comment on the server, so that any later run finds what an earlier one
 * left, even without our data directory.
 *
 * - `shadow`: being loaded; of no use when its run is dead.
 * - `kept`: was live until a run replaced it; the undo. Closed to connections, but while an undo looks at it.
 */
const markerSchema = z.object({
  role: z.enum(['shadow', 'kept']),
  jobId: z.string(),
  live: z.string(),
  /** Epoch milliseconds. */
  at: z.number(),
  /** What the comment was before; put back when the database goes live again. */
  comment: z.string().nullable(),
});

export type Marker = z.infer<typeof markerSchema>;

const prefix = 'multiboard-sync ';

export function commentSql(databaseName: string, comment: string | null): string {
  return `COMMENT ON DATABASE ${quoteIdentifier(databaseName)} IS ${comment === null ? 'NULL' : quoteLiteral(comment)}`;
}

export function markerComment(marker: Marker): string {
  return prefix + JSON.stringify(marker);
}

export interface MarkedDatabase {
  readonly name: string;
  readonly oid: string;
  readonly allowsConnections: boolean;
  readonly marker: Marker;
}

/** Every database of the server that carries a marker of ours for `live`, oldest first. */
export async function markedDatabases(
  session: Queryable,
  live: string,
  options: CallOptions,
): Promise<readonly MarkedDatabase[]> {
  const rows = await session.query<{ name: string; oid: string; open: boolean; comment: string }>(
    `SELECT d.datname AS name, d.oid::int8::text AS oid, d.datallowconn AS open, s.description AS comment
FROM pg_catalog.pg_database AS d
JOIN pg_catalog.pg_shdescription AS s ON s.objoid = d.oid AND s.classoid = 'pg_catalog.pg_database'::regclass
WHERE pg_catalog.starts_with(s.description, $1)`,
    [prefix],
    options,
  );
  return rows
    .flatMap(({ name, oid, open, comment }) => {
      const marker = parseMarker(comment);
      return marker?.live === live ? [{ name, oid, allowsConnections: open, marker }] : [];
    })
    .sort((a, b) => a.marker.at - b.marker.at);
}

function parseMarker(comment: string): Marker | null {
  try {
    return markerSchema.parse(JSON.parse(comment.slice(prefix.length)));
  } catch {
    // Somebody else's comment that only begins like ours.
    return null;
  }
}

/** A database name for us: recognisable, unique by attempt, within the server's 63 bytes. */
export function ownDatabaseName(
  live: string,
  role: 'sync' | 'load' | 'old' | 'undone',
  runId: string,
): string {
  const suffix = `__${role}_${runId}`;
  let stem = Array.from(live);
  while (Buffer.byteLength(stem.join('') + suffix) > 63) stem = stem.slice(0, -1);
  return stem.join('') + suffix;
}

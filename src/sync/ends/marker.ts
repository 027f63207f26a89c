import { z } from 'zod';
import { quoteIdentifier, quoteLiteral } from '../../postgres/identifiers.ts';
import type { CallOptions, Queryable } from '../../postgres/session.ts';

/**
 * A note on a database of ours, kept as its comment on the server, so that any later run finds what an earlier one
 * left, even without our data directory.
 *
 * - `shadow`: being loaded; of no use when its run is dead.
 * - `kept`: was live until a run replaced it; the undo. Closed to connections, but while an undo looks at it.
 *
 * Comments follow a database wherever people rename it, so a marker counts only on a database that still has the name
 * we gave it: never on the one that has the live name, and never on one that its owner has renamed.
 */
const markerSchema = z.object({
  role: z.enum(['shadow', 'kept']),
  jobId: z.string(),
  live: z.string(),
  /** Epoch milliseconds. */
  at: z.number(),
  /**
   * Of a kept database: until when its undo is promised, by the clock of its server (kept-until.ts). Markers of earlier
   * versions do not say it.
   */
  until: z.number().optional(),
  /** The comment before it; restored when the database goes live again. */
  comment: z.string().nullable(),
  /** The name we gave the database. Markers of earlier versions do not say it. */
  name: z.string().optional(),
  /** Of a kept database: an undo of ours has opened it to connections. If somebody else opens it, they use it. */
  opened: z.literal(true).optional(),
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

export interface Markers {
  /** Databases of ours beside `live`, oldest first. */
  readonly own: readonly MarkedDatabase[];
  /** The database with the live name, if it carries a marker: somebody made it live by hand. */
  readonly live: MarkedDatabase | null;
  /** Databases whose marker names `live`, and whose name is not the one we gave them: their owner renamed them. */
  readonly renamed: readonly MarkedDatabase[];
}

/** Databases of this server that carry a marker of ours and concern `live`. */
export async function markedDatabases(
  session: Queryable,
  live: string,
  options: CallOptions,
): Promise<Markers> {
  const rows = await session.query<{ name: string; oid: string; open: boolean; comment: string }>(
    `SELECT d.datname AS name, d.oid::int8::text AS oid, d.datallowconn AS open, s.description AS comment
FROM pg_catalog.pg_database AS d
JOIN pg_catalog.pg_shdescription AS s ON s.objoid = d.oid AND s.classoid = 'pg_catalog.pg_database'::regclass
WHERE pg_catalog.starts_with(s.description, $1)`,
    [prefix],
    options,
  );
  const marked = rows
    .flatMap(({ name, oid, open, comment }): MarkedDatabase[] => {
      const marker = parseMarker(comment);
      return marker === null ? [] : [{ name, oid, allowsConnections: open, marker }];
    })
    .sort((a, b) => a.marker.at - b.marker.at);
  const beside = marked.filter(({ name, marker }) => name !== live && marker.live === live);
  return {
    own: beside.filter(hasOurName),
    live: marked.find(({ name }) => name === live) ?? null,
    renamed: beside.filter((one) => !hasOurName(one)),
  };
}

/**
 * The part of a name that says the role. A new database that was put aside again, because the aliases could not be
 * moved, counts as kept.
 */
const namings = { shadow: ['sync', 'load'], kept: ['old', 'undone', 'sync'] } as const;

function hasOurName({ name, marker }: Pick<MarkedDatabase, 'name' | 'marker'>): boolean {
  if (marker.name !== undefined && marker.name !== name) return false;
  return namings[marker.role].some((naming) => {
    const at = name.lastIndexOf(`__${naming}_`);
    const runId = name.slice(at + `__${naming}_`.length);
    return at >= 0 && /^[a-z0-9]+$/.test(runId) && ownDatabaseName(marker.live, naming, runId) === name;
  });
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

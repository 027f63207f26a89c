import type { Config } from '../../config/config.ts';
import { databaseBytes } from '../ends/database-bytes.ts';
import { whyInUse } from '../ends/in-use.ts';
import { beyondLimits, undoTimeEnds } from '../ends/kept-until.ts';
import type { Statements } from '../ends/maintenance.ts';
import { markedDatabases } from '../ends/marker.ts';
import type { MarkedDatabase } from '../ends/marker.ts';
import { dropOwnDatabase } from '../replace/create-shadow.ts';

/**
 * Removes kept databases of a target whose undo time is over, and, oldest first, those beyond the number and the size
 * that the configuration allows; never the newest for its number or size, and none that somebody uses. Returns their
 * names. `now` is the server's time. The caller holds the target's lock.
 */
export async function expireKept(
  { environments, sync }: Pick<Config, 'environments' | 'sync'>,
  maintenance: Statements,
  live: string,
  now: number,
): Promise<readonly string[]> {
  const kept = (await markedDatabases(maintenance, live, {})).own
    .filter(({ marker }) => marker.role === 'kept')
    .toSorted((a, b) => b.marker.at - a.marker.at);
  if (kept.length === 0) return [];
  const bytes = await databaseBytes(maintenance, [live, ...kept.map(({ name }) => name)], {});
  const removed: string[] = [];
  for (const database of overdue(kept, { bytes, live, limits: sync, now })) {
    if ((await whyInUse(maintenance, environments, database, {})) !== null) continue;
    await dropOwnDatabase(maintenance, database.name);
    removed.push(database.name);
  }
  return removed;
}

type Kept = Pick<MarkedDatabase, 'name' | 'marker' | 'allowsConnections'>;

/**
 * `kept`: newest first. A database whose size this role may not ask counts as large as the live one, which it was once:
 * as nothing, it would leave the limit to the others alone. Pure.
 */
export function overdue<T extends Kept>(
  kept: readonly T[],
  {
    bytes,
    live,
    limits,
    now,
  }: {
    readonly bytes: ReadonlyMap<string, number | null>;
    readonly live: string;
    readonly limits: Pick<Config['sync'], 'keepDatabases' | 'keepDatabaseBytes' | 'keepDatabaseHours'>;
    readonly now: number;
  },
): readonly T[] {
  return beyondLimits(
    kept.map((database) => ({
      database,
      isOver: undoTimeEnds(database.marker, limits) < now,
      bytes: bytes.get(database.name) ?? bytes.get(live) ?? 0,
    })),
    limits,
  ).map(({ database }) => database);
}

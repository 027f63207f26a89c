import type { Config } from '../../config/config.ts';
import type { Queryable } from '../../postgres/session.ts';
import type { Marker } from './marker.ts';

const hourMs = 3_600_000;

/**
 * What time a server has, epoch milliseconds. How long a database is kept is counted by its server's clock alone:
 * several services may use one server, and the clock of one of them may be wrong.
 */
export async function serverTime(session: Queryable): Promise<number> {
  const [row] = await session.query<{ ms: string }>(
    'SELECT pg_catalog.floor(EXTRACT(epoch FROM pg_catalog.clock_timestamp()) * 1000)::text AS ms',
  );
  return Number(row?.ms);
}

/** For what is put aside now: `KEEP_DATABASE_HOURS` of the service that does it, whoever comes later. */
export async function keptUntil(session: Queryable, keepDatabaseHours: number): Promise<number> {
  return (await serverTime(session)) + keepDatabaseHours * hourMs;
}

/** When the undo time is over. A marker of an earlier version says only when it was written. */
export function undoTimeEnds(
  { at, until }: Pick<Marker, 'at' | 'until'>,
  { keepDatabaseHours }: { readonly keepDatabaseHours: number },
): number {
  return until ?? at + keepDatabaseHours * hourMs;
}

/** Of what is kept, newest first, what is over, and what is beyond the limits. Pure. */
export function beyondLimits<Kept extends { readonly isOver: boolean; readonly bytes: number }>(
  kept: readonly Kept[],
  limits: Pick<Config['sync'], 'keepDatabases' | 'keepDatabaseBytes'>,
): readonly Kept[] {
  let [number, total] = [0, 0];
  return kept.filter(({ isOver, bytes }) => {
    if (isOver) return true;
    if (number > 0 && (number >= limits.keepDatabases || total + bytes > limits.keepDatabaseBytes))
      return true;
    number += 1;
    total += bytes;
    return false;
  });
}

import { SyncError } from '../../errors/sync-error.ts';
import { sqlFile } from '../../lib/sql-file.ts';
import type { RunnableObject } from '../../plan/runnable-object.ts';
import type { Side } from '../../postgres/conditions.ts';
import type { CallOptions, Queryable } from '../../postgres/session.ts';

const roomSql = sqlFile(import.meta.url, './locks.sql');
const droppedSql = sqlFile(import.meta.url, './dropped.sql');

/** A server's table of locks, which all its transactions share. */
export interface LockRoom {
  readonly room: number;
  /** `max_locks_per_transaction`; the room is so many times `backends`. */
  readonly setting: number;
  readonly backends: number;
}

export interface NeededLocks {
  readonly side: Side;
  /** `Reading "src"`, with what it holds: `Reading "src" (4,000 tables)`. */
  readonly what: string;
  readonly locks: number;
  /** What helps but the setting: `exclude tables`. */
  readonly otherwise: string;
}

/** If one transaction takes more than this share of the room, little is left for everybody else. */
const muchOfTheRoom = 0.5;
/** A setting that is advised leaves room for others. */
const spare = 1.5;

/**
 * SOURCE_LOCKS_FULL or TARGET_LOCKS_FULL where one transaction of a run needs more locks than the server has room
 * for: it would fail in the middle, and until then everybody's statements on that server would fail too. Returns a
 * sentence if there is hardly enough room. Pure.
 */
export function judgeLocks({ room, setting, backends }: LockRoom, needed: NeededLocks): readonly string[] {
  const { side, what, locks, otherwise } = needed;
  if (locks <= room * muchOfTheRoom) return [];
  const wanted = Math.max(setting + 1, Math.ceil((locks * spare) / backends));
  const fact =
    `${what} takes about ${locks} locks in one transaction; the ${side}’s server has room for ${room} in ` +
    `all its transactions together (max_locks_per_transaction = ${setting})`;
  if (locks <= room)
    return [
      `${fact}. Other transactions may find the lock table full meanwhile; max_locks_per_transaction = ` +
        `${wanted} gives enough room.`,
    ];
  throw new SyncError(side === 'source' ? 'SOURCE_LOCKS_FULL' : 'TARGET_LOCKS_FULL', `${fact}.`, {
    details: { locks, room, maxLocksPerTransaction: wanted },
    hint:
      `Set max_locks_per_transaction to ${wanted} or more on the ${side} server (it needs a restart), or ` +
      `${otherwise}.`,
  });
}

/** Locks of reading tables in one snapshot, with the room for them. */
export async function locksOfReading(
  session: Queryable,
  tables: readonly { readonly oid: string }[],
  options: CallOptions,
): Promise<{ readonly room: LockRoom; readonly locks: number }> {
  const [row] = await session.query<LockRoom & { readonly indexes: number }>(
    roomSql,
    [tables.map(({ oid }) => oid)],
    options,
  );
  if (row === undefined) throw new Error('The server does not know its settings.');
  return { room: row, locks: tables.length + row.indexes };
}

/** Relations that the server makes of an object, each of which stays locked until the transaction ends. */
const relationsOfKind: Readonly<Record<string, number>> = {
  // With their TOAST and its index.
  table: 3,
  'materialized view': 3,
  'foreign table': 1,
  index: 1,
  'primary key': 1,
  'unique constraint': 1,
  'exclusion constraint': 1,
  sequence: 1,
  view: 1,
  'composite type': 1,
};

/**
 * Locks of dropping everything and making other objects in one transaction, with the room for them. Of several lists
 * one is made after the other, which gives its locks back: the largest counts.
 */
export async function locksOfReplacing(
  session: Queryable,
  lists: readonly (readonly Pick<RunnableObject, 'kind'>[])[],
  options: CallOptions,
): Promise<{ readonly room: LockRoom; readonly locks: number }> {
  const { room } = await locksOfReading(session, [], options);
  const [row] = await session.query<{ readonly dropped: number }>(droppedSql, [], options);
  const made = Math.max(
    ...lists.map((objects) => objects.reduce((sum, { kind }) => sum + (relationsOfKind[kind] ?? 0), 0)),
  );
  return { room, locks: (row?.dropped ?? 0) + made };
}

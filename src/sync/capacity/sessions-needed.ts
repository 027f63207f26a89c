/** Sessions that a run opens on one end at most, at the same time. */
export interface NeededSessions {
  /** On the server. */
  readonly all: number;
  /** Of them in the database itself; the others are in one beside it. */
  readonly inDatabase: number;
}

/**
 * Whoever reads a database in one snapshot: the readers, the leader of the snapshot, and the guard that holds the
 * locks.
 */
export function sessionsOfReading(workers: number): NeededSessions {
  return { all: workers + 2, inDatabase: workers + 2 };
}

/**
 * Whoever replaces one: the lock, another one in a database beside, and then either the readers of the safety copy,
 * with their leader and guard, or the writers of the new database, whose limit it gets at the end, and the session
 * that holds the kept tables.
 */
export function sessionsOfReplacing(
  workers: number,
  { copies }: { readonly copies: boolean },
): NeededSessions {
  return { all: workers + 4, inDatabase: copies ? workers + 3 : 2 };
}

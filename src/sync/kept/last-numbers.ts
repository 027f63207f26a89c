import type { KeptSequence } from '../../plan/kept-sequences.ts';
import type { Database } from '../../postgres/database.ts';
import type { Session } from '../../postgres/session.ts';
import { keptSequenceStates, setKeptSequences } from './kept-tables.ts';
import type { SequenceState } from './sequence-states.ts';

/** Sequences of kept tables, as they were set in a database that will go live. */
export interface SetSequences {
  readonly sequences: readonly KeptSequence[];
  /** By position. */
  readonly states: readonly SequenceState[];
}

/**
 * Carries over numbers that were given since the sequences were read, because no lock on a table stops `nextval`.
 * Called when everybody else has left the live database and nobody can connect. Sets the sequences that went on in
 * the next database, on a session of its own; opens none if nothing went on.
 */
export async function bringLastNumbers(
  live: Session,
  { sequences, states }: SetSequences,
  next: () => Database,
): Promise<void> {
  if (sequences.length === 0) return;
  const { signal } = new AbortController();
  const last = await keptSequenceStates(live, sequences, { signal });
  const further = [...sequences.keys()].filter(
    (index) =>
      last[index]?.lastValue !== states[index]?.lastValue ||
      last[index]?.isCalled !== states[index]?.isCalled,
  );
  if (further.length === 0) return;
  const only = <T>(all: readonly T[]): readonly T[] => all.filter((_one, index) => further.includes(index));
  await using database = next();
  await database.withSession((session) => setKeptSequences(session, only(sequences), only(last), { signal }));
}

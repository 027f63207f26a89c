import { shareOut } from '../lib/share-out.ts';
import type { Queryable, Session } from './session.ts';
import { Together } from './together.ts';

/** Two sessions, one at each end. */
export interface SessionPair {
  readonly sessions: readonly [Session, Session];
  /** What questions go through. */
  readonly ask: readonly [Queryable, Queryable];
}

/** A table that is smaller is read in less time than a round trip takes. */
const smallBytes = 1024 * 1024;
/** Small tables that are compared at the same time by two sessions. */
const smallAtOnce = 16;

/**
 * Shares tables out among pairs of sessions, the largest first: each has two sessions for itself, but small ones, whose
 * questions go to the servers together. As `shareOut` else.
 */
export async function shareOutPairs<Item>(
  items: readonly Item[],
  bytesOf: (item: Item) => number,
  pairs: readonly (readonly [Session, Session])[],
  work: (pair: SessionPair, item: Item, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const bySize = items.toSorted((a, b) => bytesOf(b) - bytesOf(a));
  const isSmall = (item: Item): boolean => bytesOf(item) < smallBytes;
  await shareOut(
    bySize.filter((item) => !isSmall(item)),
    pairs.map((sessions): SessionPair => ({ sessions, ask: sessions })),
    work,
    signal,
  );
  await shareOutSmall(bySize.filter(isSmall), pairs, work, signal);
}

/** What fails takes with it whatever was asked together: the error is that of the one whose question failed. */
async function shareOutSmall<Item>(
  items: readonly Item[],
  pairs: readonly (readonly [Session, Session])[],
  work: (pair: SessionPair, item: Item, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const failed: Item[] = [];
  const errors = new Map<Item, unknown>();
  const askedFor = (item: Item, together: Together): Queryable => ({
    query: (text, values, options) =>
      together.query<never>(text, values, options).catch((error: unknown) => {
        failed.push(item);
        throw error;
      }),
  });
  const together = pairs.map((sessions) => {
    const [one, other] = sessions;
    return { sessions, both: [new Together(one, signal), new Together(other, signal)] as const };
  });
  await shareOut(
    items,
    Array.from({ length: smallAtOnce }, () => together).flat(),
    async ({ sessions, both: [one, other] }, item, either) => {
      const ask = [askedFor(item, one), askedFor(item, other)] as const;
      await work({ sessions, ask }, item, either).catch((error: unknown) => {
        errors.set(item, error);
        throw error;
      });
    },
    signal,
  ).catch((error: unknown) => {
    signal.throwIfAborted();
    const [first] = failed;
    throw first !== undefined && errors.has(first) ? errors.get(first) : error;
  });
}

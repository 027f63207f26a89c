import { setTimeout as delay } from 'node:timers/promises';
import { SyncError } from '../errors/sync-error.ts';
import type { SearchTiming } from './search-deps.ts';

/** Pause before try number `attempt` (2 is the first repetition): doubling, capped, from half of it up to all of it. */
export function pauseBefore(
  attempt: number,
  timing: Pick<SearchTiming, 'pauseMs' | 'pauseMaxMs' | 'random'>,
): number {
  const full = Math.min(timing.pauseMaxMs, timing.pauseMs * 2 ** Math.min(attempt - 2, 30));
  return Math.round(full * (0.5 + timing.random() / 2));
}

/**
 * Runs `work` until it succeeds, fails for good, or `attempts` are used up; only SEARCH_UNAVAILABLE is tried again.
 * `work` is told the number of its try, from 1. Throws the last error, or the signal's reason during a pause.
 */
export async function withRetries<T>(
  attempts: number,
  timing: SearchTiming,
  signal: AbortSignal | undefined,
  work: (attempt: number) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted();
    if (attempt > 1) await pause(pauseBefore(attempt, timing), signal);
    try {
      return await work(attempt);
    } catch (error) {
      const again = error instanceof SyncError && error.code === 'SEARCH_UNAVAILABLE';
      if (!again || attempt >= attempts) throw error;
    }
  }
}

/** Waits; rejects with the signal's reason when aborted. */
export async function pause(durationMs: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(durationMs, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

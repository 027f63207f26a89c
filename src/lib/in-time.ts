import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits for `work`, but not longer than `timeoutMs`. When that time is over, `late` says what to answer instead, or
 * throws; the work itself goes on, and nobody hears how it ends. Leaves no timer behind.
 */
export async function inTime<T, Late>(
  work: Promise<T>,
  timeoutMs: number,
  late: () => Late,
): Promise<T | Late> {
  const timer = new AbortController();
  try {
    return await Promise.race([work, delay(timeoutMs, undefined, { signal: timer.signal }).then(late)]);
  } finally {
    timer.abort();
  }
}

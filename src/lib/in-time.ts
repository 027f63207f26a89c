import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';

/**
 * Waits for `work`, but not longer than `timeoutMs`. When that time is over, `late` says what to answer instead, or
 * throws; the work itself goes on, and nobody hears how it ends. Leaves no timer behind. What has come from a socket
 * while this process was busy, or the machine slept, is in time: timers come before sockets, a turn after them.
 */
export async function inTime<T, Late>(
  work: Promise<T>,
  timeoutMs: number,
  late: () => Late,
): Promise<T | Late> {
  const timer = new AbortController();
  const { signal } = timer;
  const over = async (): Promise<Late> => {
    await delay(timeoutMs, undefined, { signal });
    await turn(undefined, { signal });
    return late();
  };
  try {
    return await Promise.race([work, over()]);
  } finally {
    timer.abort();
  }
}

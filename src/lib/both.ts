/**
 * Two pieces of work side by side, one for each of two sides. The first failure aborts the signal that the other one
 * was given, both are awaited, and that failure is thrown: nothing of either goes on afterwards, and nobody waits for
 * hours to hear of it.
 */
export async function both<One, Other>(
  one: (signal: AbortSignal) => Promise<One>,
  other: (signal: AbortSignal) => Promise<Other>,
  signal: AbortSignal | undefined,
): Promise<readonly [One, Other]> {
  const stop = new AbortController();
  const either = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const failures: unknown[] = [];
  const guarded = async <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    try {
      return await work(either);
    } catch (error) {
      // What fails after an abort fails because of it.
      failures.push(signal?.aborted === true ? signal.reason : error);
      stop.abort(error);
      throw error;
    }
  };
  const [left, right] = await Promise.allSettled([guarded(one), guarded(other)]);
  if (left.status === 'fulfilled' && right.status === 'fulfilled') return [left.value, right.value];
  throw failures[0];
}

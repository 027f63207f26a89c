/**
 * Runs `worker` `count` times side by side on one shared list; each takes the next item until none is left. The first
 * failure aborts the signal the others were given, all are awaited, and that failure is thrown.
 */
export async function runWorkers<Item>(
  items: Iterable<Item>,
  count: number,
  worker: (next: () => Item | undefined, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const next = (): Item | undefined => {
    const { done, value } = iterator.next();
    return done === true ? undefined : value;
  };
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const failures: unknown[] = [];
  await Promise.all(
    Array.from({ length: count }, async () => {
      try {
        await worker(next, either);
      } catch (error) {
        // What fails after an abort fails because of it.
        failures.push(signal.aborted ? signal.reason : error);
        stop.abort(error);
      }
    }),
  );
  if (failures.length > 0) throw failures[0];
}

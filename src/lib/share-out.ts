/**
 * Shares a list out among workers: each takes the next item as soon as it is free. The first failure aborts the signal
 * that the others were given, all are awaited, and that failure is thrown. Rejects with the signal's reason when that
 * fires, with nothing left running. Work without workers is an error, not done in silence.
 */
export async function shareOut<Item, Worker>(
  items: Iterable<Item>,
  workers: readonly Worker[],
  work: (worker: Worker, item: Item, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  if (workers.length === 0 && iterator.next().done !== true)
    throw new Error('There is work and nobody to do it.');
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const failures: unknown[] = [];
  await Promise.all(
    workers.map(async (worker) => {
      try {
        for (let next = iterator.next(); next.done !== true && !either.aborted; next = iterator.next())
          await work(worker, next.value, either);
      } catch (error) {
        // What fails after an abort fails because of it.
        failures.push(signal.aborted ? signal.reason : error);
        stop.abort(error);
      }
    }),
  );
  if (failures.length > 0) throw failures[0];
  signal.throwIfAborted();
}

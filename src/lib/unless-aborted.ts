/**
 * Waits for `work`, but not beyond the abort of `signal`; then `aborted` says what to answer instead, or throws, and
 * nobody hears how the work ends. Holds on to nothing afterwards: a race against one promise that lives as long as the
 * process would keep the answer of every call.
 */
export async function unlessAborted<T, Aborted>(
  work: Promise<T>,
  signal: AbortSignal,
  aborted: () => Aborted,
): Promise<T | Aborted> {
  let stop = (): void => {};
  const abort = new Promise<void>((resolve) => {
    const onAbort = (): void => resolve();
    signal.addEventListener('abort', onAbort, { once: true });
    stop = () => signal.removeEventListener('abort', onAbort);
    if (signal.aborted) resolve();
  });
  try {
    return await Promise.race([work, abort.then(aborted)]);
  } finally {
    stop();
  }
}

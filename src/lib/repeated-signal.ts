/** Milliseconds. npm and some shells send a Ctrl-C a second time (docs/facts/node.md#signals). */
const sameSignalMs = 1_000;

/**
 * Says of each signal whether it is the one before once more: what comes within a second of the first is one wish,
 * however often it is sent. `now` is the clock, in milliseconds.
 */
export function repeatedSignal(now: () => number): () => boolean {
  let first: number | null = null;
  return () => {
    const at = now();
    if (first !== null && Math.abs(at - first) < sameSignalMs) return true;
    first = at;
    return false;
  };
}

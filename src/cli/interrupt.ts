import { exitCodes } from '../errors/outcome.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { Context } from './context.ts';

/**
 * Runs `work` with a signal that the first Ctrl-C (or SIGTERM) aborts with CANCELLED; `work` then ends in its own time.
 * The second one ends the process at once, with the same exit code.
 */
export async function withInterrupt<T>(
  { io }: Pick<Context, 'io'>,
  sentences: { readonly first: string; readonly second: string },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const cancelled = new AbortController();
  const stop = io.onInterrupt(() => {
    if (cancelled.signal.aborted) {
      io.stderr.write(`\n${sentences.second}\n`);
      io.exit(exitCodes.cancelled);
    }
    io.stderr.write(`\n${sentences.first}\n`);
    cancelled.abort(new SyncError('CANCELLED', 'Cancelled from the command line.'));
  });
  try {
    return await work(cancelled.signal);
  } finally {
    stop();
  }
}

import { repeatedSignal } from '../lib/repeated-signal.ts';
import { exitCodes } from '../errors/outcome.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { Context } from './context.ts';
import { writeFailure } from './outcome.ts';

/**
 * Runs `work` with a signal that the first Ctrl-C (or SIGTERM) aborts with CANCELLED; `work` then ends in its own time.
 * A second one, a second or more later, ends the process at once, with the same exit code. Once there was one, they are
 * heard to the end of the process: its repetition must not end it before the result is told.
 */
export async function withInterrupt<T>(
  { io, options }: Pick<Context, 'io' | 'options'>,
  sentences: {
    readonly first: string;
    readonly second: string;
    /** Shows the first sentence, where something else is drawing on the terminal. */
    readonly note?: (line: string) => void;
  },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stopping = new AbortController();
  const isRepeated = repeatedSignal(io.now);
  let ended = false;
  const stop = io.onInterrupt(() => {
    if (isRepeated()) return;
    if (ended) io.exit(exitCodes.cancelled);
    if (stopping.signal.aborted) {
      // The last line of --json is the result, also here.
      if (options.json === true) writeFailure({ io, options }, cancelled());
      io.stderr.write(`\n${sentences.second}\n`);
      io.exit(exitCodes.cancelled);
    }
    if (sentences.note === undefined) io.stderr.write(`\n${sentences.first}\n`);
    else sentences.note(sentences.first);
    stopping.abort(cancelled());
  });
  try {
    return await work(stopping.signal);
  } finally {
    ended = true;
    if (!stopping.signal.aborted) stop();
  }
}

function cancelled(): SyncError {
  return new SyncError('CANCELLED', 'Cancelled from the command line.');
}

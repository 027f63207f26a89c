import type { Logger } from 'pino';
import { repeatedSignal } from './lib/repeated-signal.ts';

/** A forced end that hangs itself is cut after this. */
const forcedExitMs = 5_000;
const forcedExitCode = 1;

/**
 * The first signal drains, a second one a second or more later forces: what hangs then is cut with the process. They
 * are heard until the process has ended: with nobody listening, one that comes after everything is closed would end it
 * by itself, and the exit code would be lost.
 */
export function onSignals(logger: Logger, stop: () => Promise<void>, force: () => Promise<void>): void {
  let seen = 0;
  const isRepeated = repeatedSignal(() => performance.now());
  const leave = (): void => {
    process.exit(forcedExitCode);
  };
  const handle = (signal: NodeJS.Signals): void => {
    if (isRepeated()) return;
    seen += 1;
    if (seen === 1) {
      // Whoever awaits `stopped` hears of a failure.
      stop().catch(() => {});
      return;
    }
    logger.warn({ signal }, 'Forced to end; running jobs stay in the queue for the next worker');
    setTimeout(leave, forcedExitMs).unref();
    force().then(leave, leave);
  };
  process.on('SIGINT', handle);
  process.on('SIGTERM', handle);
}

import type { Logger } from 'pino';
import type { Config } from './config/config.ts';
import { loggableError } from './http/problem.ts';
import { sweepKept } from './sync/recover/sweep-kept.ts';

const hourMs = 3_600_000;

/**
 * Removes, every hour, kept databases that are over, and logs what it did. One sweep at a time. Returns what ends it:
 * the sweep that is at work is cancelled and waited for.
 */
export function startSweeping(
  config: Config,
  logger: Pick<Logger, 'info' | 'warn' | 'error'>,
  everyMs = hourMs,
): () => Promise<void> {
  const ending = new AbortController();
  let sweeping: Promise<void> | null = null;
  const sweep = async (): Promise<void> => {
    try {
      for (const { environment, removed, failure } of await sweepKept(config, { signal: ending.signal })) {
        if (failure === null) logger.info({ environment, removed }, 'Removed kept databases that were over');
        else logger.warn({ environment, reason: failure }, 'Kept databases could not be looked at');
      }
    } catch (error) {
      if (!ending.signal.aborted) logger.error(loggableError(error), 'Sweeping failed');
    } finally {
      sweeping = null;
    }
  };
  const timer = setInterval(() => {
    sweeping ??= sweep();
  }, everyMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    ending.abort();
    await sweeping;
  };
}

import type { JobsLog } from './log.ts';
import { queueFact } from './queue-error.ts';

const quietMs = 30_000;

export type TroubleLog = (message: string, error: unknown) => void;

/** Logs the queue's troubles: each kind at once, then at most every 30 s with the number of times. */
export function createTroubleLog(log: JobsLog, now: () => number): TroubleLog {
  const seen = new Map<string, { at: number; times: number }>();
  return (message, error) => {
    const reason = queueFact(error);
    const key = `${message} ${reason}`;
    const last = seen.get(key);
    if (last !== undefined && now() - last.at < quietMs) {
      last.times += 1;
      return;
    }
    seen.set(key, { at: now(), times: 0 });
    log.warn({ reason, times: (last?.times ?? 0) + 1 }, message);
  };
}

import type { JobEvent, JobState, ProgressSnapshot } from '../progress/progress.ts';
import type { JobsPort, JobView } from './ports.ts';

/** What a watcher of a job is told. `gap`: log lines it was too slow for; `GET …/logs` has them all. */
export type FeedItem =
  | { readonly type: 'progress'; readonly progress: ProgressSnapshot }
  | (JobEvent & { readonly type: 'log' })
  | { readonly type: 'gap'; readonly dropped: number }
  | { readonly type: 'ping' }
  | { readonly type: 'end'; readonly job: JobView };

/** Between two items at most; a proxy closes a silent stream after 30 to 60 s. */
const pingIntervalMs = 15_000;
/** A job's record may be written a moment after its last snapshot was sent. */
const recordIntervalMs = 100;
/** Log lines kept for a watcher that is slower than the job. */
const logLinesMax = 200;

export function hasEnded(state: JobState): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}

/** A retried job counts its snapshots anew, so the clock decides first. */
function isNewer(one: ProgressSnapshot, other: ProgressSnapshot): boolean {
  if (one.updatedAt !== other.updatedAt) return one.updatedAt > other.updatedAt;
  return one.sequence > other.sequence;
}

/** Holds what a watcher has not taken yet: the newest snapshot and at most `logLinesMax` lines, never more. */
class Mailbox {
  #last: ProgressSnapshot | null = null;
  #progress: ProgressSnapshot | null = null;
  #logs: (JobEvent & { readonly type: 'log' })[] = [];
  #dropped = 0;
  #wake: (() => void) | null = null;

  readonly put = (event: JobEvent): void => {
    if (event.type === 'progress') {
      if (this.#last !== null && !isNewer(event.progress, this.#last)) return;
      this.#last = event.progress;
      this.#progress = event.progress;
    } else {
      this.#logs.push(event);
      if (this.#logs.length > logLinesMax) {
        this.#logs.shift();
        this.#dropped += 1;
      }
    }
    this.#wake?.();
  };

  take(): FeedItem[] {
    const items: FeedItem[] = this.#dropped > 0 ? [{ type: 'gap', dropped: this.#dropped }] : [];
    items.push(...this.#logs);
    if (this.#progress !== null) items.push({ type: 'progress', progress: this.#progress });
    this.#logs = [];
    this.#dropped = 0;
    this.#progress = null;
    return items;
  }

  /** Waits for something to take: false after `timeoutMs` without; rejects with the signal's reason. */
  async wait(timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted();
    if (this.#progress !== null || this.#logs.length > 0) return true;
    return new Promise((resolve, reject) => {
      const settle = (outcome: () => void): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        this.#wake = null;
        outcome();
      };
      const onAbort = (): void => {
        settle(() => {
          reject(signal.reason as Error);
        });
      };
      const timer = setTimeout(() => {
        settle(() => {
          resolve(false);
        });
      }, timeoutMs);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#wake = () => {
        settle(() => {
          resolve(true);
        });
      };
    });
  }
}

/**
 * Follows a job from its present state to its end: the latest snapshot at once, then what happens, then `end` with
 * the job as it ended. The consumer sets the pace: while it does not ask, only the newest snapshot is kept. Every
 * `pingIntervalMs` without news the queue is asked again, so a lost event delays the stream and never hangs it.
 *
 * `knownSequence`: the snapshot the watcher has already; it is not sent once more.
 * Throws USAGE_NOT_FOUND, QUEUE_UNAVAILABLE; on abort the signal's reason. Unsubscribes however it ends.
 */
export async function* followJob(
  jobs: JobsPort,
  id: string,
  options: { readonly signal: AbortSignal; readonly knownSequence?: number },
): AsyncGenerator<FeedItem, void, void> {
  const { signal, knownSequence } = options;
  const mailbox = new Mailbox();
  const unsubscribe = await jobs.subscribe(id, mailbox.put);
  try {
    let known = knownSequence;
    let finishing = false;
    // Read after the subscription began, so that nothing falls between the two.
    let job = await jobs.get(id);
    for (;;) {
      if (job.progress !== null) mailbox.put({ type: 'progress', progress: job.progress });
      for (const item of mailbox.take()) {
        if (item.type === 'progress') {
          finishing = hasEnded(item.progress.state);
          if (item.progress.sequence === known) continue;
          known = undefined;
        }
        yield item;
      }
      if (hasEnded(job.state)) {
        yield { type: 'end', job };
        return;
      }
      if (await mailbox.wait(finishing ? recordIntervalMs : pingIntervalMs, signal)) continue;
      if (!finishing) yield { type: 'ping' };
      job = await jobs.get(id);
      // Put back for another attempt: its end is still to come.
      if (job.state === 'queued') finishing = false;
    }
  } finally {
    await unsubscribe();
  }
}

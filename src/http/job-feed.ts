import type { JobLogLine } from '../jobs/job-log-lines.ts';
import type { JobView } from '../jobs/job-view.ts';
import type { JobState, ProgressSnapshot } from '../progress/progress.ts';
import type { HttpDeps } from './ports.ts';

/**
 * What a watcher of a job is told. `job`: how it stands, at the start and where its state changes without a snapshot.
 * `gap`: log lines the watcher was too slow for; `GET …/logs` has them all.
 */
export type FeedItem =
  | { readonly type: 'job'; readonly job: JobView }
  | { readonly type: 'progress'; readonly progress: ProgressSnapshot }
  | { readonly type: 'log'; readonly line: JobLogLine }
  | { readonly type: 'gap'; readonly dropped: number }
  | { readonly type: 'ping' }
  | { readonly type: 'end'; readonly job: JobView };

/** Between two items at most; a proxy closes a silent stream after 30 to 60 s. */
const pingIntervalMs = 15_000;
/** Log lines kept for a watcher that is slower than the job. */
const logLinesMax = 200;

export function hasEnded(state: JobState): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}

const sequenceOf = (job: JobView): number => job.progress?.sequence ?? -1;

interface Mail {
  readonly dropped: number;
  readonly lines: readonly JobLogLine[];
  readonly job: JobView | null;
}

/** Holds what a watcher has not taken yet: the newest state and at most `logLinesMax` lines, never more. */
class Mailbox {
  #newestSequence = -1;
  #job: JobView | null = null;
  #lines: JobLogLine[] = [];
  #dropped = 0;
  #wake: (() => void) | null = null;

  /** A reading that is older than what is known already is left out. */
  readonly putJob = (job: JobView): void => {
    if (sequenceOf(job) < this.#newestSequence) return;
    this.#newestSequence = sequenceOf(job);
    this.#job = job;
    this.#wake?.();
  };

  readonly putLines = (lines: readonly JobLogLine[]): void => {
    this.#lines.push(...lines.slice(-logLinesMax));
    const surplus = Math.max(0, this.#lines.length - logLinesMax);
    this.#lines.splice(0, surplus);
    this.#dropped += surplus + Math.max(0, lines.length - logLinesMax);
    this.#wake?.();
  };

  take(): Mail {
    const mail = { dropped: this.#dropped, lines: this.#lines, job: this.#job };
    this.#dropped = 0;
    this.#lines = [];
    this.#job = null;
    return mail;
  }

  /** Ends a wait, also when there is nothing to take. */
  wake(): void {
    this.#wake?.();
  }

  /** Waits for something to take: false after `timeoutMs` without; rejects with the signal's reason. */
  async wait(timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted();
    if (this.#job !== null || this.#lines.length > 0) return true;
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
 * Follows a job from its present state to its end: the job and its latest snapshot at once, then what happens, then
 * `end` with the job as it ended. The consumer sets the pace: while it does not ask, only the newest state is kept.
 * After `pingIntervalMs` without news the job is read once more, so that no lost event can hang a stream.
 *
 * `knownSequence`: the snapshot the watcher has already; it is not sent once more. `closing`: aborted when the service
 * ends; the feed then tells how the job stands, last of all its end if it has come, and stops.
 * Throws USAGE_NOT_FOUND, QUEUE_UNAVAILABLE; on abort the signal's reason. Unsubscribes however it ends.
 */
export async function* followJob(
  { jobs, events }: Pick<HttpDeps, 'jobs' | 'events'>,
  id: string,
  options: {
    readonly signal: AbortSignal;
    readonly closing?: AbortSignal | undefined;
    readonly knownSequence?: number;
  },
): AsyncGenerator<FeedItem, void, void> {
  const { signal, closing } = options;
  const mailbox = new Mailbox();
  const isClosing = (): boolean => closing?.aborted === true;
  const onClosing = (): void => {
    mailbox.wake();
  };
  closing?.addEventListener('abort', onClosing, { once: true });
  const unsubscribe = events.subscribe(id, { onJob: mailbox.putJob, onLog: mailbox.putLines });
  try {
    // Read after the subscription began, so that nothing falls between the two.
    const present = await jobs.getJob(id);
    yield { type: 'job', job: present };
    mailbox.putJob(present);
    let { state } = present;
    let sequence = options.knownSequence === sequenceOf(present) ? options.knownSequence : -1;
    for (;;) {
      const isLast = isClosing();
      if (isLast) mailbox.putJob(await jobs.getJob(id));
      const { dropped, lines, job } = mailbox.take();
      if (dropped > 0) yield { type: 'gap', dropped };
      for (const line of lines) yield { type: 'log', line };
      if (job !== null) {
        const { progress } = job;
        const fresh = progress !== null && progress.sequence > sequence;
        if (!fresh && job.state !== state) yield { type: 'job', job };
        if (fresh) yield { type: 'progress', progress };
        state = job.state;
        sequence = Math.max(sequence, sequenceOf(job));
        if (hasEnded(state)) {
          yield { type: 'end', job };
          return;
        }
      }
      if (isLast) return;
      if (isClosing() || (await mailbox.wait(pingIntervalMs, signal))) continue;
      yield { type: 'ping' };
      mailbox.putJob(await jobs.getJob(id));
    }
  } finally {
    unsubscribe();
    closing?.removeEventListener('abort', onClosing);
  }
}

import { SyncError } from '../errors/sync-error.ts';
import type { JobLogLine } from './job-log-lines.ts';
import type { JobQueue } from './job-queue.ts';
import { isFinal } from './job-status.ts';
import type { JobView } from './job-view.ts';
import { isQueueAway } from './queue-error.ts';
import type { TroubleLog } from './trouble-log.ts';

export interface JobListener {
  /** The whole state of the job; the last call has a final state, and nothing follows it. Must not throw. */
  readonly onJob: (job: JobView) => void;
  /** New lines, oldest first, of those that come after the subscription. */
  readonly onLog?: ((lines: readonly JobLogLine[]) => void) | undefined;
}

export interface JobWatchDeps {
  readonly queue: Pick<JobQueue, 'getJob' | 'logs'>;
  readonly trouble: TroubleLog;
  /** Who listens to all jobs. */
  readonly everyone: ReadonlySet<JobListener['onJob']>;
  /** Called once, when the watch has ended by itself. */
  readonly onEnd: (watch: JobWatch) => void;
}

/** What one listener knows already. */
interface Known {
  state: string;
  /** Null before the first reading. */
  lines: number | null;
}

/**
 * One job that somebody listens to. It reads the job when told to, and tells each listener what is new to that one.
 *
 * - *resting*: → reading, on `refresh`; → over, on `end`.
 * - *reading*: one reading at a time, so nobody is told an older state after a newer one; a `refresh` meanwhile asks
 *   for one more reading. → resting, once everybody has been told, or if the queue is away; → over, if the job has
 *   ended and everybody has been told, if the queue does not know it (removed, or written by another version), and on
 *   `end`.
 * - *over*, for good: nobody is told anything, not even by a reading that is still on its way.
 */
export class JobWatch {
  readonly jobId: string;
  readonly #deps: JobWatchDeps;
  readonly #listeners = new Map<JobListener, Known>();
  /** The state that the listeners to all jobs were told last. */
  #toldEveryone = '';
  #reading = false;
  /** Set while reading only. */
  #again = false;
  #over = false;

  constructor(deps: JobWatchDeps, jobId: string) {
    this.#deps = deps;
    this.jobId = jobId;
  }

  get hasListeners(): boolean {
    return this.#listeners.size > 0;
  }

  add(listener: JobListener): void {
    this.#listeners.set(listener, { state: '', lines: null });
  }

  remove(listener: JobListener): void {
    this.#listeners.delete(listener);
  }

  end(): void {
    this.#over = true;
  }

  /** Reads the job and tells what is new. Never rejects; a queue that is away is looked at again by the next call. */
  async refresh(): Promise<void> {
    if (this.#reading) {
      this.#again = true;
      return;
    }
    this.#reading = true;
    try {
      do {
        this.#again = false;
        await this.#read();
      } while (this.#again && !this.#over);
    } catch (error) {
      // Removed from the history, or written by another version: nobody can be told more.
      if (error instanceof SyncError && !isQueueAway(error)) this.#endItself();
      else this.#deps.trouble('Updates of a job wait for the queue', error);
    } finally {
      this.#reading = false;
    }
  }

  async #read(): Promise<void> {
    const job = await this.#deps.queue.getJob(this.jobId);
    // The last lines are written before the job's end, so they are told before it too.
    if (!this.#over) await this.#tellLines();
    if (this.#over) return;
    const state = `${job.state} ${job.attempts} ${job.progress?.sequence ?? -1}`;
    for (const [listener, known] of this.#listeners) {
      if (known.state === state) continue;
      known.state = state;
      listener.onJob(job);
    }
    if (this.#toldEveryone !== state) {
      this.#toldEveryone = state;
      for (const onJob of this.#deps.everyone) onJob(job);
    }
    if (isFinal(job.state)) this.#endItself();
  }

  async #tellLines(): Promise<void> {
    const wanting = [...this.#listeners].filter(([listener]) => listener.onLog !== undefined);
    if (wanting.length === 0) return;
    const from = Math.min(...wanting.map(([, known]) => known.lines ?? 0));
    const lines = await this.#deps.queue.logs(this.jobId, { from });
    if (this.#over) return;
    for (const [listener, known] of wanting) {
      const fresh = known.lines === null ? [] : lines.slice(known.lines - from);
      known.lines = from + lines.length;
      if (fresh.length > 0) listener.onLog?.(fresh);
    }
  }

  #endItself(): void {
    this.#over = true;
    this.#deps.onEnd(this);
  }
}

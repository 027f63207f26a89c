import { setTimeout as delay } from 'node:timers/promises';
import type { JobEvent, ProgressSnapshot } from '../progress/progress.ts';
import { finalSnapshot, isFinal } from './job-status.ts';
import type { JobOutcome, JobStatus } from './job-status.ts';
import { isQueueAnswer } from './queue-error.ts';
import { lineBytesMax, logBytesMax, logLinesMax, progressEveryMs } from './queue-settings.ts';
import { shortOutcome, shortSnapshot } from './short-outcome.ts';
import { shorten } from './shorten.ts';

/**
 * `lost`: the job has another run, or an outcome. `gone`: the queue does not know the job; it may have been emptied.
 */
export type StatusWritten = 'written' | 'lost' | 'gone';

export interface StatusWriterDeps {
  readonly now: () => number;
  /** What is not `written` is the last that was tried. */
  readonly writeStatus: (status: JobStatus) => Promise<StatusWritten>;
  readonly writeLine: (row: string) => Promise<void>;
  /** The job is not this run's any more. */
  readonly onLost: () => void;
  /** Nobody has the job but this run, which goes on. */
  readonly onGone: () => void;
  /** Called with each failed write; it is tried again. */
  readonly onTrouble: (error: unknown) => void;
  readonly retryMs: number;
}

/**
 * Carries what a running job tells into the queue, one write at a time.
 *
 * - A snapshot that tells of work only waits until 250 ms have gone since the last write; a change of step or state is
 *   written at once. A newer snapshot replaces one that waits: each holds the whole state.
 * - Lines go before snapshots, in order, at most `logLinesMax` lines and `logBytesMax` bytes of them; a long one is
 *   cut.
 * - A final snapshot is held back until the outcome is known, and both are written together: nobody sees a job that
 *   says it has ended before it has. Of a large outcome the queue gets a short form.
 * - A write that fails is tried again until it succeeds, the writer is stopped, or the job is gone from the queue: the
 *   run goes on then, and its record says how it ended.
 *
 * Holds one status and the lines not yet written.
 */
export class StatusWriter {
  readonly #deps: StatusWriterDeps;
  readonly #stopped = new AbortController();
  #status: JobStatus;
  #held: ProgressSnapshot | null = null;
  #lines: string[] = [];
  #linesTaken = 0;
  #lineBytes = 0;
  #linesFull = false;
  #dirty = false;
  #urgent = false;
  #writtenAt = Number.NEGATIVE_INFINITY;
  #loop: Promise<void> | null = null;
  #wake: (() => void) | null = null;
  /** Added to the sequence of what the job sends, so that it grows on when the job starts anew. */
  #sequenceBase = 0;
  #sequence: number;

  constructor(deps: StatusWriterDeps, stored: JobStatus) {
    this.#deps = deps;
    this.#status = stored;
    this.#sequence = stored.progress?.sequence ?? 0;
  }

  /** The run starts (again): its snapshots count from one. */
  begin(): void {
    this.#sequenceBase = this.#sequence;
    this.#held = null;
  }

  readonly emit = (event: JobEvent): void => {
    if (event.type === 'log') {
      const { at, level, message, fields } = event;
      this.#takeLine(JSON.stringify(shorten({ at, level, message, fields }, lineBytesMax)));
      return;
    }
    const snapshot = { ...event.progress, sequence: this.#sequenceBase + event.progress.sequence };
    this.#sequence = Math.max(this.#sequence, snapshot.sequence);
    if (isFinal(snapshot.state)) {
      this.#held = snapshot;
      return;
    }
    const before = this.#status.progress;
    this.#status = { ...this.#status, progress: snapshot };
    this.#changed(
      before === null || before.state !== snapshot.state || stepKey(before) !== stepKey(snapshot),
    );
  };

  /** Resolves true once the outcome is in the queue, false when the writer was stopped or the job is gone. */
  async finish(outcome: JobOutcome): Promise<boolean> {
    const stored = shortOutcome(outcome);
    const last = finalSnapshot(this.#held ?? this.#status.progress, stored);
    this.#status = {
      ...this.#status,
      progress: last === null ? null : shortSnapshot(last),
      outcome: stored,
    };
    this.#changed(true);
    while (this.#loop !== null) await this.#loop;
    return !this.#stopped.signal.aborted;
  }

  /** Nothing is written any more; what waits is forgotten. */
  stop(): void {
    this.#stopped.abort();
    this.#wake?.();
  }

  #takeLine(row: string): void {
    if (this.#linesFull) return;
    this.#linesTaken += 1;
    this.#lineBytes += Buffer.byteLength(row);
    this.#linesFull = this.#linesTaken === logLinesMax || this.#lineBytes > logBytesMax;
    this.#lines.push(this.#linesFull ? overflowLine(this.#deps.now()) : row);
    this.#kick();
  }

  #changed(urgent: boolean): void {
    this.#dirty = true;
    if (urgent) this.#urgent = true;
    this.#kick();
  }

  #kick(): void {
    this.#wake?.();
    if (this.#loop !== null || this.#stopped.signal.aborted) return;
    this.#loop = this.#run().finally(() => {
      this.#loop = null;
      // Something may have come between the last look and here.
      if ((this.#dirty || this.#lines.length > 0) && !this.#stopped.signal.aborted) this.#kick();
    });
  }

  async #run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      const row = this.#lines[0];
      if (row !== undefined) {
        await this.#attempt(async () => {
          await this.#deps.writeLine(row);
          return 'written';
        });
        this.#lines.shift();
        continue;
      }
      if (!this.#dirty) return;
      const waitMs = this.#urgent ? 0 : this.#writtenAt + progressEveryMs - this.#deps.now();
      if (waitMs > 0) {
        await this.#sleep(waitMs);
        continue;
      }
      const status = this.#status;
      this.#dirty = false;
      this.#urgent = false;
      await this.#attempt(() => this.#deps.writeStatus(status));
      this.#writtenAt = this.#deps.now();
    }
  }

  async #attempt(write: () => Promise<StatusWritten>): Promise<void> {
    for (;;) {
      if (this.#stopped.signal.aborted) return;
      try {
        const answer = await write();
        if (answer === 'written') return;
        this.stop();
        if (answer === 'lost') this.#deps.onLost();
        else this.#deps.onGone();
        return;
      } catch (error) {
        this.#deps.onTrouble(error);
        // The job was removed from the queue (or the queue lost its data): there is nothing to write to.
        if (isQueueAnswer(error)) {
          this.stop();
          this.#deps.onGone();
          return;
        }
      }
      await delay(this.#deps.retryMs, undefined, { signal: this.#stopped.signal }).catch(() => {});
    }
  }

  async #sleep(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = null;
  }
}

function stepKey(snapshot: ProgressSnapshot): string {
  return snapshot.steps.map((step) => `${step.id}:${step.state}`).join(' ');
}

function overflowLine(at: number): string {
  const message = 'This job has written more log lines than are kept; further lines are left out.';
  return JSON.stringify({ at, level: 'warn', message, fields: {} });
}

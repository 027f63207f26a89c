import { createItems } from './items.ts';
import { stepTitles } from './progress.ts';
import type { JobState, ProgressSnapshot, StepId, StepProgress, StepState } from './progress.ts';
import { createRate } from './rate.ts';
import type { Rate } from './rate.ts';
import { coarseSeconds } from './words.ts';

/** Nothing is foretold before this much has been seen (ETA honesty). */
const etaAfterMs = 10_000;
const etaAfterPercent = 3;
/** Beyond a day a forecast from a smoothed rate is noise. */
const etaMaxSeconds = 86_400;
/** What a step is planned with that will move bytes, nobody can say yet how many. */
const sizeUnknown = 1;

/** What a snapshot says of the work: all but the job's names, its state and its words. */
export type WorkProgress = Omit<
  ProgressSnapshot,
  'jobId' | 'kind' | 'source' | 'target' | 'state' | 'message' | 'error' | 'sequence' | 'updatedAt'
>;

interface Step {
  readonly id: StepId;
  state: StepState;
  startedAt: number | null;
  /** When it began this time: a step may be taken up again, after others. */
  resumedAt: number | null;
  /** Of all its times together. */
  durationMs: number | null;
  /** Work expected and done, bytes; `expected >= done` always. */
  expected: number;
  /** False for a step that was planned with `sizeUnknown` and was not estimated since. */
  sized: boolean;
  done: number;
  rowsEstimated: number | null;
  itemsEstimated: number;
}

/**
 * The work of one job: its steps, bytes, rows and items, and what follows from them (percentage, rates, time left).
 * Pure: it has no clock, each moment is given as `at` (epoch milliseconds).
 *
 * Percentage is bytes done over the bytes of all planned steps; a total that turns out larger holds the percentage
 * where it is, it never falls. A step planned with 1 byte will be estimated later; until then it counts as large as the
 * largest known one, so that the percentage does not run ahead of it. A finished step counts as what it really moved,
 * or, where it moved no bytes (building indexes), as what was expected of it. Work reported while no step runs belongs
 * to no step and is not counted. Keeps one small record an item of the running step.
 *
 * A step is *waiting* from its plan, *running* from `startStep` (one at a time), then *done*, or as the job ended; a
 * finished step that is started again runs on from what it had.
 */
export class Work {
  #steps: Step[] = [];
  #running: Step | null = null;
  /** Of the running step. */
  #items = createItems();
  #rowsDone = 0;
  #rowRate: Rate | null = null;
  /** Every byte ever reported: what the rate is measured on. */
  #bytesMoved = 0;
  #byteRate: Rate | null = null;
  #startedAt: number | null = null;
  /** The largest that was ever told. */
  #percent = 0;

  /** The job has started; only the first call counts. */
  begin(at: number): void {
    if (this.#startedAt !== null) return;
    this.#startedAt = at;
    this.#byteRate = createRate(0, at);
  }

  /** A plan made anew keeps what has already run. */
  plan(planned: readonly { readonly id: StepId; readonly bytes: number }[]): void {
    const next = planned.map(({ id, bytes }) => {
      const step = this.#find(id) ?? newStep(id, bytes);
      step.expected = Math.max(step.done, bytes);
      step.sized = bytes !== sizeUnknown;
      return step;
    });
    const kept = this.#steps.filter((step) => step.state !== 'waiting' && !next.includes(step));
    this.#steps = [...kept, ...next];
  }

  estimate(id: StepId, bytes: number, rows?: number | null, items?: number): void {
    const step = this.#findOrAdd(id);
    step.expected = Math.max(step.done, bytes);
    step.sized = true;
    if (rows !== undefined) step.rowsEstimated = rows;
    if (items !== undefined) step.itemsEstimated = items;
  }

  /** Starts a step; the one before it is done. */
  startStep(id: StepId, at: number): void {
    this.begin(at);
    this.#close('done', at);
    const step = this.#findOrAdd(id);
    step.state = 'running';
    step.startedAt ??= at;
    step.resumedAt = at;
    this.#running = step;
    this.#items = createItems();
    this.#rowsDone = 0;
    this.#rowRate = createRate(0, at);
  }

  startItem(name: string, rowsEstimated: number | null, bytesEstimated: number | null): void {
    this.#items.start(name, rowsEstimated, bytesEstimated);
  }

  advance(name: string, rows: number, bytes: number): void {
    this.#items.advance(name, rows, bytes);
    this.#rowsDone += rows;
    this.#bytesMoved += bytes;
    if (this.#running === null) return;
    this.#running.done += bytes;
    this.#running.expected = Math.max(this.#running.expected, this.#running.done);
  }

  endItem(name: string): void {
    this.#items.done(name);
  }

  /**
   * The job has ended: so has the running step. Of a job that is done, steps still planned turned out not to be needed.
   */
  end(as: 'done' | 'failed' | 'cancelled', at: number): void {
    this.#close(as, at);
    if (as === 'done') this.#steps = this.#steps.filter((step) => step.state !== 'waiting');
  }

  /** Takes what was done until now into the rates. */
  measure(at: number): void {
    this.#byteRate?.sample(this.#bytesMoved, at);
    this.#rowRate?.sample(this.#rowsDone, at);
  }

  /** How it stands; `state` is the job's. */
  progress(state: JobState, at: number): WorkProgress {
    const running = this.#running;
    const bytesDone = this.#sum((step) => step.done);
    const bytesEstimated = this.#bytesEstimated();
    this.#percent = percentOf(state, bytesDone, bytesEstimated, this.#percent);
    return {
      startedAt: this.#startedAt,
      steps: this.#steps.map((step) => shown(step)),
      items: this.#items.shown(),
      itemsDone: this.#items.doneCount,
      itemsTotal: Math.max(running?.itemsEstimated ?? 0, this.#items.count),
      bytesDone,
      bytesEstimated,
      rowsDone: this.#rowsDone,
      rowsEstimated: running?.rowsEstimated ?? null,
      percent: this.#percent,
      bytesPerSecond: this.#byteRate?.perSecond ?? null,
      rowsPerSecond: this.#rowRate?.perSecond ?? null,
      etaSeconds: state === 'running' ? this.#secondsLeft(at, bytesDone, bytesEstimated) : null,
    };
  }

  #bytesEstimated(): number {
    const largest = this.#steps.reduce(
      (most, { sized, expected }) => (sized ? Math.max(most, expected) : most),
      0,
    );
    return this.#sum(({ sized, expected }) => (sized ? expected : Math.max(expected, largest)));
  }

  #secondsLeft(at: number, bytesDone: number, bytesEstimated: number): number | null {
    if (this.#startedAt === null || this.#running === null) return null;
    const elapsedMs = at - this.#startedAt;
    if (elapsedMs < etaAfterMs || this.#percent < etaAfterPercent) return null;
    // A step that moves no bytes lets the smoothed rate sink to nothing; the mean of the whole run says more there.
    const rate = this.#running.done > 0 ? (this.#byteRate?.perSecond ?? 0) : (bytesDone * 1000) / elapsedMs;
    const seconds = (bytesEstimated - bytesDone) / rate;
    return Number.isFinite(seconds) && seconds <= etaMaxSeconds ? coarseSeconds(seconds) : null;
  }

  #close(as: StepState, at: number): void {
    const step = this.#running;
    if (step === null) return;
    this.#running = null;
    step.state = as;
    step.durationMs = (step.durationMs ?? 0) + at - (step.resumedAt ?? at);
    step.sized = true;
    if (as !== 'done') return;
    if (step.done === 0) step.done = step.expected;
    else step.expected = step.done;
  }

  #find(id: StepId): Step | undefined {
    return this.#steps.find((step) => step.id === id);
  }

  /** The step of that name; one that was not planned takes its place behind the running one. */
  #findOrAdd(id: StepId): Step {
    const known = this.#find(id);
    if (known !== undefined) return known;
    const added = newStep(id, 0);
    const behind = this.#running === null ? this.#steps.length : this.#steps.indexOf(this.#running) + 1;
    this.#steps.splice(behind, 0, added);
    return added;
  }

  #sum(of: (step: Step) => number): number {
    return this.#steps.reduce((total, step) => total + of(step), 0);
  }
}

function newStep(id: StepId, bytes: number): Step {
  return {
    id,
    state: 'waiting',
    startedAt: null,
    resumedAt: null,
    durationMs: null,
    expected: Math.max(0, bytes),
    sized: bytes !== sizeUnknown,
    done: 0,
    rowsEstimated: null,
    itemsEstimated: 0,
  };
}

function percentOf(state: JobState, bytesDone: number, bytesExpected: number, before: number): number {
  if (state === 'done') return 100;
  const raw = bytesExpected === 0 ? 0 : Math.floor((bytesDone / bytesExpected) * 1000) / 10;
  return Math.max(before, Math.min(99.9, raw));
}

function shown({ id, state, startedAt, durationMs }: Step): StepProgress {
  return { id, title: stepTitles[id], state, startedAt, durationMs: state === 'running' ? null : durationMs };
}

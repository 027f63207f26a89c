import type { ErrorReport } from '../errors/sync-error.ts';
import { createItems } from './items.ts';
import { stepTitles } from './progress.ts';
import type {
  JobEvent,
  JobKind,
  JobState,
  ProgressSnapshot,
  Reporter,
  StepId,
  StepState,
} from './progress.ts';
import { createRate } from './rate.ts';
import type { Rate } from './rate.ts';
import { coarseSeconds } from './words.ts';

/** Snapshots that tell of work (not of a change of step or state) keep this distance: 4 a second. */
const emitEveryMs = 250;
/** Nothing is foretold before this much has been seen (ETA honesty). */
const etaAfterMs = 10_000;
const etaAfterPercent = 3;
/** What a step is planned with that will move bytes, nobody can say yet how many. */
const sizeUnknown = 1;
/** Beyond a day a forecast from a smoothed rate is noise. */
const etaMaxSeconds = 86_400;

export interface TrackerInput {
  readonly jobId: string;
  readonly kind: JobKind;
  readonly source: string | null;
  readonly target: string | null;
  /** The clock, epoch milliseconds. */
  readonly now: () => number;
  /** Called with every event, in order; must not throw. */
  readonly emit: (event: JobEvent) => void;
}

type EndState = Extract<JobState, 'done' | 'failed' | 'cancelled'>;

/** A `Reporter` that keeps the state of one job and emits it. */
export interface Tracker extends Reporter {
  /** The state now; does not emit and does not use up a sequence number. */
  snapshot(): ProgressSnapshot;
  /** Changes state and sentence, and emits at once. */
  setState(state: JobState, message: string): void;
  /** The last word: closes the running step, emits at once, and stops the timer. Later calls change nothing. */
  finish(state: EndState, end: { readonly message: string; readonly error?: ErrorReport | null }): void;
}

interface Step {
  readonly id: StepId;
  state: StepState;
  startedAt: number | null;
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
 * Follows one job. Percentage is bytes done over the bytes of all planned steps; a total that turns out larger holds
 * the percentage where it is, it never falls. A step planned with 1 byte will be estimated later; until then it
 * counts as large as the largest known one, so that the percentage does not run ahead of it. A finished step counts
 * as what it really moved, or, where it moved no bytes (building indexes), as what was expected of it. Work reported
 * while no step runs belongs to no step and is not counted. Keeps one small record an item of the running step. Holds
 * no process open: its timer is unref'd.
 */
export function createTracker(input: TrackerInput): Tracker {
  const { now, emit } = input;
  let steps: Step[] = [];
  let running: Step | null = null;
  let items = createItems();
  let rowsDone = 0;
  /** Every byte ever reported: what the rate is measured on. */
  let bytesMoved = 0;
  let byteRate: Rate | null = null;
  let rowRate: Rate | null = null;
  let state: JobState = 'queued';
  let message = '';
  let error: ErrorReport | null = null;
  let startedAt: number | null = null;
  let sequence = 0;
  let percent = 0;
  let emittedAt = Number.NEGATIVE_INFINITY;
  let trailing: NodeJS.Timeout | null = null;
  let ended = false;

  const newStep = (id: StepId, bytes: number): Step => ({
    id,
    state: 'waiting',
    startedAt: null,
    durationMs: null,
    expected: Math.max(0, bytes),
    sized: bytes !== sizeUnknown,
    done: 0,
    rowsEstimated: null,
    itemsEstimated: 0,
  });

  const find = (id: StepId): Step | undefined => steps.find((step) => step.id === id);

  /** The step of that name; one that was not planned takes its place behind the running one. */
  const findOrAdd = (id: StepId): Step => {
    const known = find(id);
    if (known !== undefined) return known;
    const added = newStep(id, 0);
    steps.splice(running === null ? steps.length : steps.indexOf(running) + 1, 0, added);
    return added;
  };

  const sum = (of: (step: Step) => number): number => steps.reduce((total, step) => total + of(step), 0);

  const begin = (): void => {
    if (startedAt !== null) return;
    startedAt = now();
    byteRate = createRate(0, startedAt);
  };

  const closeRunning = (as: StepState): void => {
    if (running === null) return;
    running.state = as;
    running.durationMs = now() - (running.startedAt ?? now());
    running.sized = true;
    if (as === 'done') {
      if (running.done === 0) running.done = running.expected;
      else running.expected = running.done;
    }
    running = null;
  };

  const currentPercent = (bytesDone: number, bytesExpected: number): number => {
    if (state === 'done') return 100;
    const raw = bytesExpected === 0 ? 0 : Math.floor((bytesDone / bytesExpected) * 1000) / 10;
    return Math.max(percent, Math.min(99.9, raw));
  };

  const eta = (at: number, bytesDone: number, bytesExpected: number): number | null => {
    if (state !== 'running' || startedAt === null || running === null) return null;
    const elapsedMs = at - startedAt;
    if (elapsedMs < etaAfterMs || percent < etaAfterPercent) return null;
    // A step that moves no bytes lets the smoothed rate sink to nothing; the mean of the whole run says more there.
    const rate = running.done > 0 ? (byteRate?.perSecond ?? 0) : (bytesDone * 1000) / elapsedMs;
    const seconds = (bytesExpected - bytesDone) / rate;
    return Number.isFinite(seconds) && seconds <= etaMaxSeconds ? coarseSeconds(seconds) : null;
  };

  const snapshot = (): ProgressSnapshot => {
    const at = now();
    const bytesDone = sum((step) => step.done);
    const largest = steps.reduce((most, { sized, expected }) => (sized ? Math.max(most, expected) : most), 0);
    const bytesEstimated = sum(({ sized, expected }) => (sized ? expected : Math.max(expected, largest)));
    percent = currentPercent(bytesDone, bytesEstimated);
    if (!ended) {
      byteRate?.sample(bytesMoved, at);
      rowRate?.sample(rowsDone, at);
    }
    const estimatedItems = running?.itemsEstimated ?? 0;
    return {
      jobId: input.jobId,
      kind: input.kind,
      state,
      sequence,
      startedAt,
      updatedAt: at,
      source: input.source,
      target: input.target,
      steps: steps.map(({ id, state: stepState, startedAt: stepStartedAt, durationMs }) => ({
        id,
        title: stepTitles[id],
        state: stepState,
        startedAt: stepStartedAt,
        durationMs,
      })),
      items: items.shown(),
      itemsDone: items.doneCount,
      itemsTotal: Math.max(estimatedItems, items.count),
      bytesDone,
      bytesEstimated,
      rowsDone,
      rowsEstimated: running?.rowsEstimated ?? null,
      percent,
      bytesPerSecond: byteRate?.perSecond ?? null,
      rowsPerSecond: rowRate?.perSecond ?? null,
      etaSeconds: eta(at, bytesDone, bytesEstimated),
      message,
      error,
    };
  };

  const cancelTrailing = (): void => {
    if (trailing !== null) clearTimeout(trailing);
    trailing = null;
  };

  const emitNow = (): void => {
    cancelTrailing();
    sequence += 1;
    emittedAt = now();
    emit({ type: 'progress', progress: snapshot() });
  };

  const emitSoon = (): void => {
    if (trailing !== null || ended) return;
    const waitMs = emittedAt + emitEveryMs - now();
    if (waitMs <= 0) {
      emitNow();
      return;
    }
    trailing = setTimeout(() => {
      trailing = null;
      emitNow();
    }, waitMs);
    trailing.unref();
  };

  return {
    plan(planned) {
      if (ended) return;
      const next = planned.map(({ id, bytes }) => {
        const step = find(id) ?? newStep(id, bytes);
        step.expected = Math.max(step.done, bytes);
        step.sized = bytes !== sizeUnknown;
        return step;
      });
      // A plan made anew keeps what has already run.
      const kept = steps.filter((step) => step.state !== 'waiting' && !next.includes(step));
      steps = [...kept, ...next];
      emitNow();
    },

    estimate(id, bytes, rows, itemCount) {
      if (ended) return;
      const step = findOrAdd(id);
      step.expected = Math.max(step.done, bytes);
      step.sized = true;
      if (rows !== undefined) step.rowsEstimated = rows;
      if (itemCount !== undefined) step.itemsEstimated = itemCount;
      emitSoon();
    },

    step(id, sentence) {
      if (ended) return;
      begin();
      closeRunning('done');
      const step = findOrAdd(id);
      step.state = 'running';
      step.startedAt ??= now();
      running = step;
      items = createItems();
      rowsDone = 0;
      rowRate = createRate(0, now());
      if (state === 'queued') state = 'running';
      message = sentence ?? stepTitles[id];
      emitNow();
    },

    itemStarted(name, expected = {}) {
      if (ended) return;
      items.start(name, expected.rows ?? null, expected.bytes ?? null);
      emitSoon();
    },

    itemAdvanced(name, rows, bytes) {
      if (ended) return;
      items.advance(name, rows, bytes);
      rowsDone += rows;
      bytesMoved += bytes;
      if (running !== null) {
        running.done += bytes;
        if (running.done > running.expected) running.expected = running.done;
      }
      emitSoon();
    },

    itemDone(name) {
      if (ended) return;
      items.done(name);
      emitSoon();
    },

    log(level, text, fields = {}) {
      emit({ type: 'log', level, at: now(), message: text, fields });
    },

    snapshot,

    setState(nextState, sentence) {
      if (ended) return;
      if (nextState === 'running') begin();
      state = nextState;
      message = sentence;
      emitNow();
    },

    finish(endState, end) {
      if (ended) return;
      closeRunning(endState);
      // Steps that were planned and turned out not to be needed.
      if (endState === 'done') steps = steps.filter((step) => step.state !== 'waiting');
      state = endState;
      message = end.message;
      error = end.error ?? null;
      emitNow();
      ended = true;
      cancelTrailing();
    },
  };
}

import type { ErrorReport } from '../errors/sync-error.ts';
import { Emission } from './emission.ts';
import { stepTitles } from './progress.ts';
import type { JobEvent, JobKind, JobState, ProgressSnapshot, Reporter } from './progress.ts';
import { Work } from './work.ts';

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

/**
 * Follows one job: `Work` is what it has done, `Emission` says when that is told; here are its state and its sentence.
 * Lines go out at once.
 */
export function createTracker(input: TrackerInput): Tracker {
  const { jobId, kind, source, target, now, emit } = input;
  const work = new Work();
  let state: JobState = 'queued';
  let message = '';
  let error: ErrorReport | null = null;
  let sequence = 0;
  let ended = false;

  const snapshot = (): ProgressSnapshot => {
    const updatedAt = now();
    if (!ended) work.measure(updatedAt);
    const progress = work.progress(state, updatedAt);
    return { jobId, kind, state, sequence, updatedAt, source, target, ...progress, message, error };
  };

  const emission = new Emission(now, () => {
    sequence += 1;
    emit({ type: 'progress', progress: snapshot() });
  });

  /** Nothing changes after the end. */
  const change = (apply: () => void): void => {
    if (ended) return;
    apply();
    emission.soon();
  };
  const changeNow = (apply: (at: number) => void): void => {
    if (ended) return;
    apply(now());
    emission.now();
  };

  return {
    plan: (steps) => changeNow(() => work.plan(steps)),
    estimate: (step, bytes, rows, items) => change(() => work.estimate(step, bytes, rows, items)),
    step: (id, sentence) =>
      changeNow((at) => {
        work.startStep(id, at);
        if (state === 'queued') state = 'running';
        message = sentence ?? stepTitles[id];
      }),
    itemStarted: (name, { rows = null, bytes = null } = {}) =>
      change(() => work.startItem(name, rows, bytes)),
    itemAdvanced: (name, rows, bytes) => change(() => work.advance(name, rows, bytes)),
    itemDone: (name) => change(() => work.endItem(name)),
    log: (level, text, fields = {}) => emit({ type: 'log', level, at: now(), message: text, fields }),
    snapshot,
    setState: (nextState, sentence) =>
      changeNow((at) => {
        if (nextState === 'running') work.begin(at);
        state = nextState;
        message = sentence;
      }),
    finish(endState, end) {
      changeNow((at) => {
        work.end(endState, at);
        state = endState;
        message = end.message;
        error = end.error ?? null;
      });
      ended = true;
      emission.end();
    },
  };
}

import type { History, Outcome, Run } from './history.ts';

type Rule =
  | 'one outcome'
  | 'a final state stays'
  | 'the outcome is the last run’s'
  | 'no run after the outcome'
  | 'a second run only where the first one’s process died'
  | 'one run of a target at a time'
  | 'the order of asking';

export interface Violation {
  readonly rule: Rule;
  readonly what: string;
}

/**
 * What the queue promises, checked on what happened: every job has exactly one outcome, which never changes and comes
 * from its last run; a job runs again only when its process died; of each target one job runs at a time, in the order
 * of asking. A run whose process was killed lasts until that process was known to be dead.
 */
export function judge(history: History): Violation[] {
  const { asked, runs, outcomes, deathsUs } = history;
  const found: Violation[] = history.contradictions.map((what) => ({ rule: 'a final state stays', what }));
  const byJob = grouped(runs, ({ job }) => job);
  for (const { job } of asked) {
    const outcome = outcomes.get(job);
    const own = byJob.get(job) ?? [];
    if (outcome === undefined) found.push({ rule: 'one outcome', what: `${job} has none` });
    else found.push(...judgeOutcome(job, outcome, own));
    for (const [index, run] of own.entries()) {
      const next = own[index + 1];
      if (next === undefined || (deathsUs.get(run.process) ?? Infinity) <= next.beganUs) continue;
      const rule = 'a second run only where the first one’s process died';
      found.push({ rule, what: `${next.run} of ${job} began, and ${run.process} lived, with ${run.run}` });
    }
  }
  const places = new Map(asked.map(({ job }, index) => [job, index]));
  for (const [target, own] of grouped(runs, (run) => run.target)) {
    found.push(...judgeTarget(target, own, places, deathsUs));
  }
  return found;
}

function judgeOutcome(job: string, outcome: Outcome, runs: readonly Run[]): Violation[] {
  const found: Violation[] = [];
  for (const { run, beganUs, beganAtMs } of runs) {
    if (beganUs <= outcome.seenUs && beganAtMs <= outcome.finishedAtMs) continue;
    found.push({ rule: 'no run after the outcome', what: `${run} of ${job}, which was ${outcome.state}` });
  }
  if (!comesFromLastRun(outcome, runs)) {
    const told = runs.map(({ run, end }) => `${run} ${end?.result ?? 'killed'}`).join(', ');
    const { state, run, code } = outcome;
    const what = `${job} is ${state} (${code ?? 'no error'}) by ${run ?? 'no run'}; its runs: ${told || 'none'}`;
    found.push({ rule: 'the outcome is the last run’s', what });
  }
  return found;
}

function comesFromLastRun({ state, run, code }: Outcome, runs: readonly Run[]): boolean {
  const last = runs.at(-1);
  // Its workers died, maybe before the verb had begun.
  if (code === 'JOB_WORKER_LOST') return runs.every(({ end }) => end === null);
  // Cancelled before it began, or by the run that was told to stop.
  if (state === 'cancelled') return last === undefined || last.end?.result === 'aborted';
  return last !== undefined && last.run === run && last.end?.result === state;
}

function judgeTarget(
  target: string,
  runs: readonly Run[],
  places: ReadonlyMap<string, number>,
  deathsUs: ReadonlyMap<string, number>,
): Violation[] {
  const found: Violation[] = [];
  let furthest: { readonly run: string; readonly place: number } | null = null;
  let latest: { readonly run: string; readonly endUs: number } | null = null;
  for (const { run, job, process, beganUs, end } of runs) {
    if (latest !== null && latest.endUs > beganUs)
      found.push({ rule: 'one run of a target at a time', what: `${latest.run} and ${run} of ${target}` });
    const endUs = end?.us ?? deathsUs.get(process) ?? Infinity;
    if (latest === null || endUs > latest.endUs) latest = { run, endUs };
    const place = places.get(job) ?? -1;
    if (furthest !== null && place < furthest.place)
      found.push({ rule: 'the order of asking', what: `${run} of ${target} began after ${furthest.run}` });
    else furthest = { run, place };
  }
  return found;
}

export function grouped<T, K>(all: Iterable<T>, keyOf: (one: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group === undefined) groups.set(keyOf(one), [one]);
    else group.push(one);
  }
  return groups;
}

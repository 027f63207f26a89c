import type { Environment, Job, JobKind, JobState, Mode, Plan, Progress, Step } from '../api/types.ts';

export const verbs: Readonly<Record<JobKind, string>> = {
  sync: 'Sync',
  import: 'Import',
  export: 'Export',
  typesense: 'Search rebuild',
  rollback: 'Undo',
  verify: 'Comparison',
  rehearsal: 'Rehearsal',
};

/** `Sync production → staging`. */
export function jobTitle({ kind, source, target }: Pick<Job, 'kind' | 'source' | 'target'>): string {
  const ends = [source, target].filter((name) => name !== null);
  return `${verbs[kind]} ${ends.join(kind === 'verify' ? ' and ' : ' → ')}`;
}

export const stateWords: Readonly<Record<JobState, string>> = {
  queued: 'Waiting',
  running: 'Running',
  cancelling: 'Cancelling',
  done: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

export const stepWords: Readonly<Record<Step['state'], string>> = {
  waiting: 'waiting',
  running: 'running',
  done: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
};

export const hasEnded = (state: JobState): boolean =>
  state === 'done' || state === 'failed' || state === 'cancelled';

export const protectionWords: Readonly<
  Record<Environment['protection'], { readonly word: string; readonly meaning: string }>
> = {
  'source-only': { word: 'Source only', meaning: 'It is read, never replaced.' },
  protected: { word: 'Protected', meaning: 'It may be replaced by who types its name.' },
  open: { word: 'Open', meaning: 'It may be replaced.' },
};

/** What is called production is said to be so wherever it is named. */
export const isProduction = (name: string): boolean => /^(prod|production|live)([-_]|$)/.test(name);

/** What is read from, where nobody has said: production, or what is only ever read. */
export const likelySource = (all: readonly Environment[]): string =>
  (
    all.find(({ name }) => isProduction(name)) ??
    all.find(({ protection }) => protection === 'source-only') ??
    all[0]
  )?.name ?? '';

export const mayBeTarget = ({ protection }: Environment): boolean => protection !== 'source-only';

/** What is written to, where nobody has said: not production, if there is anything else. */
export function likelyTarget(all: readonly Environment[], source: string): string {
  const targets = all.filter((one) => mayBeTarget(one) && one.name !== source);
  return (targets.find(({ name }) => !isProduction(name)) ?? targets[0])?.name ?? '';
}

export const actionWords: Readonly<Record<Plan['tables'][number]['action'], string>> = {
  copy: 'replaced',
  keep: 'kept',
  empty: 'emptied',
};

/** The target as compared with the source: what a sync makes of it. */
export const changeWords: Readonly<Record<string, string>> = {
  'is missing': 'vanishes',
  'is too many': 'appears',
  'is different': 'changes',
};

export const contentWords = { source: 'from the source', kept: 'kept', empty: 'emptied' } as const;

export const modeWords: Readonly<Record<Mode, { readonly title: string; readonly blocking: string }>> = {
  replace: {
    title: 'Replace',
    blocking:
      'A new database is built beside the old one, and takes its name at the end: everybody’s sessions end then, ' +
      'for a moment. Nobody waits before.',
  },
  'in-place': {
    title: 'In place',
    blocking:
      'Everything is made in the live database and committed at once: whoever uses a replaced table waits while ' +
      'it goes live. No session is ended.',
  },
  switch: {
    title: 'Switch',
    blocking:
      'Everything is made in schemas beside the live ones, and objects change places at the end: whoever uses a ' +
      'table waits for that moment alone. No session is ended, and kept tables stay where they are.',
  },
  merge: {
    title: 'Merge',
    blocking:
      'Only rows that differ are changed, in one transaction. Nobody’s session is ended, and readers do not wait.',
  },
};

/**
 * What a run that did not succeed has made of its target, as far as its last snapshot tells; null where it has none.
 * Nothing that people see changes before the steps that switch, each of which is whole or undone.
 */
export function targetState(
  { kind, target, request }: Pick<Job, 'kind' | 'target' | 'request'>,
  progress: Progress | null,
): string | null {
  if (target === null || kind === 'verify' || kind === 'export') return null;
  const what = request.kind === 'typesense' ? `The search of ${target}` : target;
  const reached = (progress?.steps ?? []).filter(
    ({ id, state }) => (id === 'switch' || id === 'search-switch') && state !== 'waiting',
  );
  if (reached.length === 0) return `${what} is as it was: this run did not change it.`;
  if (reached.every(({ state }) => state === 'done')) return `${what} was already changed as asked.`;
  return (
    `${what} is whole: unchanged or, if the switch had just been made, changed as asked. The next run on it ` +
    'finishes the rest.'
  );
}

/** What stays when a run is cancelled now. */
export function cancelWords({ target }: Pick<Job, 'target'>, progress: Progress | null): string {
  const name = target ?? 'The target';
  const switching = (progress?.steps ?? []).some(
    ({ id, state }) => (id === 'switch' || id === 'search-switch') && state === 'running',
  );
  return switching
    ? `${name} is being switched at this moment: it ends as it was, or as asked, and whole either way.`
    : `${name} stays as it was. What the run has made so far is removed.`;
}

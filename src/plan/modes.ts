/** How a dump is brought into its target. */
export type Mode = 'replace' | 'in-place' | 'switch' | 'merge';

interface ModeTraits {
  /**
   * Where the new state is made. In a new database nothing of the target is met; what is made in the live one meets all
   * that is there, which is dropped or stays. Where rows alone are changed nothing is made.
   */
  readonly madeIn: 'new database' | 'live database' | 'live tables';
  /** What an undo goes back by. */
  readonly undoneBy: 'kept database' | 'safety copy' | 'kept schemas' | 'kept rows';
  /** Whether tables whose rows are kept stay where they are; else they are made again, and their rows carried. */
  readonly keptTablesStay: boolean;
  /** Whether people wait on every table that is replaced while it goes live, or on those with kept rows alone. */
  readonly locksReplaced: boolean;
  /** Whether everybody's sessions on the target are ended when it goes live. */
  readonly endsSessions: boolean;
  /** Whether the search is built once the new state is committed; else it is built before, and switched along. */
  readonly searchAfterCommit: boolean;
  /** What is left for an undo, in words, by the kind of backup. */
  readonly safety: { readonly file: string; readonly kept: string };
}

/**
 * What sets the modes apart, in one place: whoever decides something by the mode asks for the trait it hangs on. It
 * lies here because src/plan, which decides much of it, knows nothing of src/sync.
 */
export const modes: Readonly<Record<Mode, ModeTraits>> = {
  replace: {
    madeIn: 'new database',
    undoneBy: 'kept database',
    keptTablesStay: false,
    locksReplaced: false,
    endsSessions: true,
    searchAfterCommit: false,
    safety: { file: 'a dump of the target, and its kept database', kept: 'the kept database alone' },
  },
  'in-place': {
    madeIn: 'live database',
    undoneBy: 'safety copy',
    keptTablesStay: false,
    locksReplaced: true,
    endsSessions: false,
    searchAfterCommit: true,
    // Without a dump it is refused (check/check-target.ts).
    safety: { file: 'a dump of the target', kept: 'nothing' },
  },
  switch: {
    madeIn: 'live database',
    undoneBy: 'kept schemas',
    keptTablesStay: true,
    locksReplaced: true,
    endsSessions: false,
    searchAfterCommit: true,
    safety: {
      file: 'a dump of the target, and its old objects in schemas of their own',
      kept: 'the old objects in schemas of their own',
    },
  },
  merge: {
    madeIn: 'live tables',
    undoneBy: 'kept rows',
    keptTablesStay: false,
    locksReplaced: false,
    endsSessions: false,
    searchAfterCommit: true,
    safety: {
      file: 'the rows that change, as they were, in the target',
      kept: 'the rows that change, as they were, in the target',
    },
  },
};

export const modeNames = Object.keys(modes) as [Mode, ...Mode[]];

/** Whether a mode makes no objects, and leaves those that are there. */
export function leavesObjects(mode: Mode | 'auto' | null): boolean {
  return mode !== null && mode !== 'auto' && modes[mode].madeIn === 'live tables';
}

/** Whether an undo of a mode goes back by the safety copy, which then must be there and fit. */
export function needsSafetyCopy(mode: Mode): boolean {
  const { undoneBy } = modes[mode];
  switch (undoneBy) {
    case 'safety copy':
      return true;
    case 'kept database':
    case 'kept schemas':
    case 'kept rows':
      return false;
    default:
      return undoneBy satisfies never;
  }
}

/** Whether a mode meets what is in the target; not where no mode is known. */
export function meetsTarget(mode: Mode | null): boolean {
  if (mode === null) return false;
  const { madeIn } = modes[mode];
  switch (madeIn) {
    case 'new database':
      return false;
    case 'live database':
    case 'live tables':
      return true;
    default:
      return madeIn satisfies never;
  }
}

import { DumpReader } from '../../dump/dump-reader.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { withReleasers } from '../../lib/releasers.ts';
import type { Releasers } from '../../lib/releasers.ts';
import type { Mode } from '../../plan/modes.ts';
import { offerOfDump } from '../check/plan-dump.ts';
import type { Planned } from '../check/plan-dump.ts';
import type { ImportRunInput, Loaded } from '../contract/import-run.ts';
import type { Run } from '../contract/run.ts';
import { replaceInPlace } from '../in-place/replace-in-place.ts';
import type { SafetyCopy } from '../in-place/way-back.ts';
import type { Replacement } from '../load/replacement.ts';
import { replaceTarget } from '../replace/replace-target.ts';
import type { SearchRun } from '../search/search-run.ts';
import { switchTarget } from '../switch/switch-target.ts';
import type { WrittenSafetyCopy } from './write-safety-copy.ts';

/** What an import hands to the mode that was chosen. */
interface ModeWork {
  readonly planned: Planned;
  readonly input: ImportRunInput;
  readonly backup: WrittenSafetyCopy | null;
  readonly search: SearchRun | null;
  readonly replacement: Replacement;
}

/** A mode is a row here, and the function that it calls. */
const byMode: Readonly<Record<Mode, (run: Run, work: ModeWork) => Promise<Loaded>>> = {
  replace: async (run, { replacement, search }) => {
    const { maintenance } = replacement.target;
    if (maintenance === null)
      throw new SyncError('INTERNAL', 'Mode replace was chosen for a role that cannot rename a database.');
    return replaceTarget(run, { ...replacement, maintenance, search });
  },
  'in-place': (run, work) =>
    withReleasers(async (releasers) => {
      const { replacement, search, backup } = work;
      const safetyCopy = backup === null ? null : await openSafetyCopy(releasers, run, backup, work);
      return replaceInPlace(run, { ...replacement, search, safetyCopy });
    }),
  switch: (run, { replacement, search }) => switchTarget(run, { ...replacement, search }),
  // A merge reads its source, not a dump (merge.ts); an import is refused before (import.ts).
  merge: () => {
    throw new SyncError('INTERNAL', 'Mode merge takes no dump.');
  },
};

export function loadByMode(run: Run, work: ModeWork): Promise<Loaded> {
  return byMode[work.planned.choice.mode](run, work);
}

async function openSafetyCopy(
  releasers: Releasers,
  { config }: Run,
  { manifest, paths, leftOut, withheld, snapshot }: WrittenSafetyCopy,
  { planned, input, replacement }: ModeWork,
): Promise<SafetyCopy> {
  const reader = await DumpReader.open(paths.file, manifest);
  releasers.defer(() => reader[Symbol.asyncDispose]());
  const { objects } = await offerOfDump(reader);
  return {
    name: replacement.target.environment.name,
    manifest,
    reader,
    objects,
    leftOut,
    withheld,
    snapshot,
    leaveOut: [...input.asked.leaveOut, ...(input.undoing?.stays ?? [])],
    stays: planned.stayed,
    staying: replacement.plan.staying,
    rights: planned.rights,
    databaseSettings: config.sync.databaseSettings === 'source',
    undoing: input.undoing !== undefined,
  };
}

import type { CatalogModel } from '../../catalog/model.ts';
import type { TargetRights } from '../../plan/target-rights.ts';
import type { ModeChoice } from './import-run.ts';

/** What a run saw of its target before it had the dump: a sync (check/check-sync.ts), an undo (kept/undo-tables.ts). */
export interface SeenTarget {
  /** When it was read, by the clock of the run. */
  readonly at: number;
  readonly model: CatalogModel;
  /** What was checked besides, for the same request; null where nothing was. */
  readonly checked: {
    readonly choice: ModeChoice | null;
    readonly rights: TargetRights | null;
    readonly warnings: readonly string[];
  } | null;
}

/**
 * For so long it is not read again: the source may take hours to be read, and people work on the target meanwhile.
 * What they change after that is found where it is locked (kept/kept-definitions.ts, in-place/way-back.ts).
 */
const believedMs = 60_000;

/** What was seen, as long as it is recent; a clock that was set back says nothing of that. */
export function recentlySeen(seen: SeenTarget | undefined, now: number): SeenTarget | null {
  if (seen === undefined) return null;
  const ageMs = now - seen.at;
  return ageMs >= 0 && ageMs < believedMs ? seen : null;
}

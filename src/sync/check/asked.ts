import type { Config } from '../../config/config.ts';
import type { Environment } from '../../environments/environment.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { leavesObjects } from '../../plan/modes.ts';
import type { Asked } from '../contract/import-run.ts';
import type { Parts } from '../contract/requests.ts';
import type { SyncInput } from '../contract/inputs.ts';

/** What a request asks for, with what the configuration says where it does not. USAGE_INVALID. */
export function askedOf(
  { sync, collections }: Pick<Config, 'sync' | 'collections'>,
  target: Environment,
  input: Omit<SyncInput, 'source' | 'target' | 'confirm'>,
): Asked {
  if (Object.keys(input.orphans ?? {}).length > 0 && !leavesObjects(input.mode ?? null)) {
    throw new SyncError(
      'USAGE_INVALID',
      'What becomes of kept rows whose parent goes can be said of a merge alone.',
      { hint: 'Add --mode merge (mode “merge” in the API), or leave --orphans out.' },
    );
  }
  return {
    mode: input.mode ?? 'auto',
    // A merge keeps the rows that it changes, and needs no copy of the others.
    backup: leavesObjects(input.mode ?? null) ? 'kept' : (input.backup ?? sync.backup),
    // As it was asked for, else where there is one to rebuild.
    search: input.search ?? (target.search !== null && collections.length > 0),
    owners: input.owners ?? sync.owners,
    privileges: input.privileges ?? sync.privileges,
    ignoreMigrations: sync.ignoreMigrations || input.ignoreMigrations === true,
    unmasked: input.unmasked === true,
    leaveOut: [...sync.leaveOut, ...(input.leaveOut ?? [])],
    roles: { ...sync.roles, ...input.roles },
    orphans: { ...sync.orphans, ...input.orphans },
  };
}

/** What such a run has beside what all runs of its kind have. */
export function partsOf(
  { tablePolicies }: Pick<Config, 'tablePolicies'>,
  { mode, backup, search }: Asked,
): Parts {
  const objects = !leavesObjects(mode);
  return {
    backup: backup === 'file',
    search,
    policies: objects && tablePolicies.length > 0,
    objects,
    merge: !objects,
  };
}

/** CONFIG_SEARCH_MISSING where a search is asked for and there is none. */
export function refuseWithoutSearch({ name, search }: Environment): void {
  if (search !== null) return;
  throw new SyncError('CONFIG_SEARCH_MISSING', `The environment "${name}" has no Typesense.`);
}

import type { Config } from '../../config/config.ts';
import type { Environment } from '../../environments/environment.ts';
import { SyncError } from '../../errors/sync-error.ts';

/** Whether a run rebuilds the search: as it was asked for, else where there is one to rebuild. */
export function wantsSearch(
  { collections }: Pick<Config, 'collections'>,
  { search }: Environment,
  asked: boolean | undefined,
): boolean {
  return asked ?? (search !== null && collections.length > 0);
}

/** CONFIG_SEARCH_MISSING where a search is asked for and there is none. */
export function refuseWithoutSearch({ name, search }: Environment): void {
  if (search !== null) return;
  throw new SyncError('CONFIG_SEARCH_MISSING', `The environment "${name}" has no Typesense.`);
}

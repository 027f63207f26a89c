import type { Config } from '../../config/config.ts';
import type { Environment } from '../../environments/environment.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { checkSearch } from '../../search/check-search.ts';

/**
 * What a plan, and a sync before it reads anything, ask of the target's search. Errors: CONFIG_SEARCH_MISSING, those of
 * `checkSearch`.
 */
export async function askSearch(
  { collections }: Pick<Config, 'collections'>,
  { name, search }: Environment,
  { jobId, signal }: { readonly signal: AbortSignal; readonly jobId: string },
): Promise<void> {
  if (search === null)
    throw new SyncError('CONFIG_SEARCH_MISSING', `The environment "${name}" has no Typesense.`);
  await checkSearch({ cluster: search, now: Date.now }, { collections, runId: jobId }, { signal });
}

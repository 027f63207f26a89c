import type { Config } from '../../config/config.ts';
import type { Environment } from '../../environments/environment.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { checkSearch } from '../../search/check-search.ts';
import { areOneDatabase } from '../target/protected.ts';

/**
 * What a plan, a sync before it reads anything, and a rebuild ask of the target's search. Returns a sentence for each other
 * search of which nobody could say whether it is the same, and for each field that refers to what will be behind an alias no more. Errors: CONFIG_SEARCH_MISSING, CONFLICT_SAME_SEARCH (another
 * environment, which is another database, has the same Typesense: one would show the documents of the other), those of
 * `checkSearch`.
 */
export async function askSearch(
  { collections, environments }: Pick<Config, 'collections' | 'environments'>,
  environment: Environment,
  options: { readonly signal: AbortSignal; readonly jobId: string },
): Promise<readonly string[]> {
  const { name, search } = environment;
  if (search === null)
    throw new SyncError('CONFIG_SEARCH_MISSING', `The environment "${name}" has no Typesense.`);
  const others = new Map(
    [...environments.values()].flatMap((other) =>
      other.name === name || other.search === null ? [] : [[other.name, other.search] as const],
    ),
  );
  const { same, notAsked, referring } = await checkSearch(
    { cluster: search, now: Date.now },
    { collections, runId: options.jobId, others },
    options,
  );
  for (const twin of same) {
    const other = environments.get(twin);
    // One that cannot be asked may be another.
    const one =
      other === undefined ||
      (await areOneDatabase(environment.database, other.database, options).catch(() => false));
    options.signal.throwIfAborted();
    if (one) continue;
    throw new SyncError(
      'CONFLICT_SAME_SEARCH',
      `"${name}" and "${twin}" have one Typesense, and are two databases: the search of "${twin}" would show what "${name}" holds. Nothing was changed.`,
      { details: { environments: [name, twin] } },
    );
  }
  return [
    ...notAsked.map((which) => `Whether "${name}" has the same Typesense could not be seen of ${which}`),
    ...referring,
  ];
}

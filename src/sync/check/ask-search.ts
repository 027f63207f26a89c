import type { Config } from '../../config/config.ts';
import type { Environment } from '../../environments/environment.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { checkSearch } from '../../search/check-search.ts';
import type { Inspection } from '../contract/run.ts';
import { areOneDatabase } from '../ends/protected.ts';

export interface AskSearchInput {
  readonly environment: Environment;
  readonly collections: Config['collections'];
  /** True in a run: somebody has confirmed that the target may be written to. */
  readonly confirmed: boolean;
}

export interface AskedSearch {
  /** A sentence for each thing to know. */
  readonly notes: readonly string[];
  /** Documents that are live now, by collection. */
  readonly live: ReadonlyMap<string, number>;
}

/**
 * The checks of the target's search that a plan, a rebuild, and a sync before it reads anything make. Checks that
 * need a write are left out if the environment is never written to, and in a plan of a protected target; a sentence
 * says so. Returns a sentence for each other search that could not be compared, and for each field whose reference
 * will not follow the alias. Errors: CONFIG_SEARCH_MISSING, CONFLICT_SAME_SEARCH (another environment, which is
 * another database, has the same Typesense: one would show the documents of the other), those of `checkSearch`.
 */
export async function askSearch(
  run: Inspection,
  { environment, collections, confirmed }: AskSearchInput,
): Promise<AskedSearch> {
  const { environments } = run.config;
  const { name, search, protection } = environment;
  if (search === null)
    throw new SyncError('CONFIG_SEARCH_MISSING', `The environment "${name}" has no Typesense.`);
  const others = new Map(
    [...environments.values()].flatMap((other) =>
      other.name === name || other.search === null ? [] : [[other.name, other.search] as const],
    ),
  );
  const tries = protection === 'open' || (confirmed && protection === 'protected');
  const { same, notAsked, referring, live } = await checkSearch(
    { cluster: search, now: run.now },
    { collections, runId: run.id, others, tries },
    run,
  );
  for (const twin of same) {
    const other = environments.get(twin);
    // An environment that cannot be asked may be another database.
    const one =
      other === undefined ||
      (await areOneDatabase(run, environment.database, other.database).catch(() => false));
    run.signal.throwIfAborted();
    if (one) continue;
    throw new SyncError(
      'CONFLICT_SAME_SEARCH',
      `"${name}" and "${twin}" are two databases that share one Typesense: the search of "${twin}" would ` +
        `show the data of "${name}". Nothing was changed.`,
      { details: { environments: [name, twin] } },
    );
  }
  const notes = [
    ...(protection === 'protected' && !tries && collections.length > 0
      ? [
          `"${name}" is protected, so a plan does not try its Typesense. The run tries, before it reads ` +
            'anything, whether it takes the configured collections and belongs to no other environment.',
        ]
      : []),
    ...notAsked.map(
      (which) => `It could not be found out whether ${which} has the same Typesense as "${name}"`,
    ),
    ...referring,
  ];
  return { notes, live };
}

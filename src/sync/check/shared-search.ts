import type { Environment } from '../../environments/environment.ts';
import { seenAlike } from '../../search/seen-alike.ts';
import type { Alike } from '../../search/seen-alike.ts';
import type { Inspection } from '../contract/run.ts';
import { areOneDatabase } from '../ends/protected.ts';

export type SharedSearch = Alike & { readonly environment: string };

/**
 * Other environments that seem to have the same Typesense and are another database: the collections of one would show
 * the rows of the other. Only looks; what only a try tells, a run tries (ask-search.ts). Errors: those of the search.
 */
export async function sharedSearches(
  run: Inspection,
  { name, search, database }: Environment,
): Promise<readonly SharedSearch[]> {
  const { collections, environments } = run.config;
  if (search === null || collections.length === 0) return [];
  const others = [...environments.values()].filter((other) => other.name !== name);
  const clusters = new Map(
    others.flatMap((other) => (other.search === null ? [] : [[other.name, other.search] as const])),
  );
  const alike = await seenAlike(search, clusters, run);
  const shared: SharedSearch[] = [];
  for (const other of others) {
    const seen = alike.get(other.name);
    if (seen === undefined) continue;
    // One that cannot be asked may be another.
    const one = await areOneDatabase(run, database, other.database).catch(() => false);
    run.signal.throwIfAborted();
    if (!one) shared.push({ environment: other.name, ...seen });
  }
  return shared;
}

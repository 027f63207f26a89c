import type { Config } from '../../config/config.ts';
import type { Environment } from '../../environments/environment.ts';

/**
 * What a run that leaves the search alone has to say: it shows the rows of before. A sentence, or none where there is
 * no search.
 */
export function staleSearch(
  { collections }: Pick<Config, 'collections'>,
  { name, search }: Environment,
): readonly string[] {
  if (search === null || collections.length === 0) return [];
  return [
    `The search of "${name}" was not rebuilt and still shows the old data. To rebuild it: multiboard-sync ` +
      `typesense ${name}`,
  ];
}

import { compareLive } from '../../search/compare-live.ts';
import type { CheckedSync, SyncRequest } from './check-sync.ts';
import type { PlannedCollection } from '../contract/plan.ts';
import type { Inspection } from '../contract/run.ts';
import type { OpenSource } from '../source/open-source.ts';

/** More of them are read by the run alone: a plan should not take as long. */
const comparedMax = 100_000;

/**
 * What a sync does with the documents of the search, by comparing those that the source yields with the live ones;
 * guessed numbers alone where that is not asked for (`exact`), where there are too many, or where the target's rows
 * will not be the source's. Only reads. Errors: those of `compareLive`.
 */
export async function plannedDocuments(
  run: Inspection,
  { from, to, asked }: SyncRequest,
  { source, checked: { documents, selection } }: PlannedFrom,
  { exact }: { readonly exact: boolean },
): Promise<readonly PlannedCollection[]> {
  const guessed = [...(documents ?? [])].map(([name, documentsEstimated]) => ({ name, documentsEstimated }));
  const total = guessed.reduce((sum, { documentsEstimated }) => sum + documentsEstimated, 0);
  const ownRows =
    source?.masked === null && selection?.tables.every(({ policy }) => policy === 'sync') === true;
  const asks = exact && asked.search && ownRows && total <= comparedMax;
  if (!asks || to.search === null || guessed.length === 0) return guessed;
  const compared = await compareLive(
    { cluster: to.search },
    source.leader,
    { collections: run.config.collections, schema: from.schema, side: 'source' },
    run,
  );
  return compared.map(({ alias, documents: found, differences }) => ({
    name: alias,
    documentsEstimated: found,
    changes: {
      add: differences?.missing ?? 0,
      change: differences?.different ?? 0,
      remove: differences?.foreign ?? 0,
      lost: differences?.foreignKeys ?? [],
    },
  }));
}

interface PlannedFrom {
  readonly source: OpenSource | null;
  readonly checked: Pick<CheckedSync, 'documents' | 'selection'>;
}

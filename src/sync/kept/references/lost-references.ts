import type { CatalogModel, CatalogTable } from '../../../catalog/model.ts';
import { SyncError } from '../../../errors/sync-error.ts';
import { withoutRows } from '../../../plan/table-in-dump.ts';
import { referenceQuestions } from '../../../plan/reference-questions.ts';
import type { Session } from '../../../postgres/session.ts';
import { askReferences } from './ask-references.ts';
import { missingRowsError } from './refuse-missing.ts';

interface End {
  readonly session: Session;
  readonly model: CatalogModel;
}

/**
 * Names the rows that people wrote after the run and that refer to rows which the old state does not have. Called
 * when the server has refused them; it asks the old state. CONFLICT_UNDO_CHANGED. `live` is within a transaction.
 */
export async function refuseLostReferences(
  live: End,
  old: End,
  kept: readonly { readonly from: CatalogTable; readonly to: CatalogTable }[],
  { signal }: { readonly signal: AbortSignal },
  cause: unknown,
): Promise<void> {
  const keep = kept.map(({ from, to }) => ({ table: withoutRows(to, to.id), live: from }));
  const people = new Set(keep.map(({ table }) => table.id));
  const load = old.model.tables
    .filter(({ id }) => !people.has(id))
    .map((table) => withoutRows(table, table.id));
  const { questions } = referenceQuestions(
    { objects: old.model.objects, fromTarget: new Set(), load, keep, empty: [], names: null },
    { objects: [], restriction: null },
  );
  await old.session.execute('BEGIN TRANSACTION READ ONLY', { signal });
  const { missing } = await askReferences(
    {
      questions,
      names: null,
      source: { session: old.session, names: 'source' },
      target: { session: live.session, names: 'target' },
    },
    { signal, limit: null },
  );
  await old.session.execute('COMMIT', { signal });
  if (missing.length === 0) return;
  const { message, details } = missingRowsError(missing);
  throw new SyncError(
    'CONFLICT_UNDO_CHANGED',
    `Rows written after the run do not fit the old state: ${message} Nothing was undone.`,
    { cause, details },
  );
}

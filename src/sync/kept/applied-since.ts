import type { CatalogTable } from '../../catalog/model.ts';
import { compareMigrations } from '../../plan/compare-migrations.ts';
import type { CallOptions, Session } from '../../postgres/session.ts';
import { readHistories } from '../source/read-histories.ts';

/**
 * A tool's table of migrations goes along with an undo like all kept rows, and tells of a schema that is not there
 * any more: a sentence for each. `live` is within a transaction, `old` is not. To go back is what was asked for:
 * nothing stops.
 */
export async function appliedSince(
  live: Session,
  old: Session,
  changed: readonly { readonly from: CatalogTable; readonly to: CatalogTable }[],
  options: CallOptions,
): Promise<readonly string[]> {
  const now = await readHistories(live, { tables: changed.map(({ from }) => from) }, options);
  if (now.histories.length + now.notes.length === 0) return [];
  await old.execute('BEGIN TRANSACTION READ ONLY', options);
  const then = await readHistories(old, { tables: changed.map(({ to }) => to) }, options);
  await old.execute('COMMIT', options);
  const { differences, notes } = compareMigrations(then.histories, now.histories, {
    load: [],
    keep: changed.map(({ from }) => ({ live: from })),
    names: null,
  });
  return [...now.notes, ...then.notes, ...notes, ...differences.map((sentence) => `${sentence}.`)];
}

import type { CatalogTable } from '../../catalog/model.ts';
import { compareMigrations } from '../../plan/compare-migrations.ts';
import type { CallOptions, Session } from '../../postgres/session.ts';
import { readHistories } from '../source/read-histories.ts';

/**
 * An undo carries a tool's table of migrations over like all kept rows, so it may list migrations that the old schema
 * does not have: a sentence for each such table. Nothing stops the undo, because somebody asked for it. `live` is
 * within a transaction, `old` is not.
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

import type { CatalogModel } from '../../catalog/model.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';

/**
 * Materialized views that hold rows are refreshed, in the order in which they need each other. Where an index allows
 * it, readers go on meanwhile (CONCURRENTLY); else they wait for the end of the transaction.
 */
export async function refreshViews(
  session: Session,
  statements: readonly string[],
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  for (const sql of statements) {
    await session.execute('SAVEPOINT refreshing', { signal });
    try {
      await session.execute(
        sql.replace('REFRESH MATERIALIZED VIEW', 'REFRESH MATERIALIZED VIEW CONCURRENTLY'),
        { signal },
      );
    } catch {
      signal.throwIfAborted();
      await session.execute('ROLLBACK TO SAVEPOINT refreshing', { signal });
      try {
        await session.execute(sql, { signal });
      } catch (error) {
        signal.throwIfAborted();
        throw databaseError(error, 'target', 'Refreshing a materialized view');
      }
    }
    await session.execute('RELEASE SAVEPOINT refreshing', { signal });
  }
}

/** The statements that do so, of what the run is about. */
export function refreshesOf({ objects }: CatalogModel): readonly string[] {
  return objects
    .filter(({ kind, outside }) => kind === 'refresh' && outside === undefined)
    .map(({ sql }) => sql);
}

import type { ManifestTable } from '../../dump/manifest.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { runWorkers } from '../../lib/run-workers.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';

/** Gives the planner statistics before anybody queries: a dump carries none. In parallel, one table a session. */
export async function analyzeTables(
  sessions: readonly Session[],
  tables: readonly ManifestTable[],
  options: { readonly signal: AbortSignal },
): Promise<void> {
  const free = [...sessions];
  await runWorkers(
    tables,
    sessions.length,
    async (next, signal) => {
      const session = free.pop();
      if (session === undefined) throw new SyncError('INTERNAL', 'More workers than sessions.');
      for (let table = next(); table !== undefined && !signal.aborted; table = next()) {
        try {
          await session.execute(`ANALYZE ${qualifiedName(table.schema, table.name)}`, { signal });
        } catch (error) {
          signal.throwIfAborted();
          throw databaseError(
            error,
            'target',
            `Collecting statistics of table ${table.schema}.${table.name}`,
          );
        }
      }
    },
    options.signal,
  );
  options.signal.throwIfAborted();
}

import type { ManifestTable } from '../../dump/manifest.ts';
import type { SyncError } from '../../errors/sync-error.ts';
import { shareOut } from '../../lib/share-out.ts';
import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import { underSearchPath, withSearchPath } from '../../postgres/search-path.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import { tableName } from '../../lib/table-name.ts';
import { runInOrder } from './run-in-order.ts';

const foreignBelowSql = sqlFile(import.meta.url, './foreign-below.sql');

/**
 * Gives the planner statistics before anybody queries: a dump carries none. In parallel, one table a session. Foreign
 * servers are not asked: tables above foreign ones are left to the user.
 */
export async function analyzeTables(
  sessions: readonly Session[],
  tables: readonly ManifestTable[],
  options: { readonly signal: AbortSignal },
): Promise<void> {
  const analyzed = await withoutForeignBelow(sessions[0], tables, options.signal);
  const [first, ...others] = sessions;
  // What an abort leaves behind of a transaction, the server refuses at once.
  if (first?.inTransaction === true && others.length === 0) return analyzeInOrder(first, analyzed, options);
  await shareOut(
    analyzed,
    sessions,
    async (session, table, signal) => {
      try {
        const analyze = (): Promise<void> => session.execute(analyzeSql(table), { signal });
        // Expressions of indexes and statistics are run for it.
        await underSearchPath(session, table.searchPath ?? [], analyze, { signal });
      } catch (error) {
        signal.throwIfAborted();
        throw analyzeError(error, table);
      }
    },
    options.signal,
  );
}

async function analyzeInOrder(
  session: Session,
  tables: readonly ManifestTable[],
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  await runInOrder(session, tables, {
    textOf: (table) => withSearchPath(table.searchPath ?? [], analyzeSql(table)),
    failed: analyzeError,
    signal,
  });
}

function analyzeSql({ schema, name }: ManifestTable): string {
  return `ANALYZE ${qualifiedName(schema, name)};`;
}

function analyzeError(error: unknown, table: ManifestTable): SyncError {
  return databaseError(error, 'target', `Collecting statistics of table ${tableName(table)}`);
}

/** ANALYZE of a table above a foreign one samples the children too. */
async function withoutForeignBelow(
  session: Session | undefined,
  tables: readonly ManifestTable[],
  signal: AbortSignal,
): Promise<readonly ManifestTable[]> {
  if (session === undefined || tables.length === 0) return [];
  const rows = await session
    .query<{ schema: string; name: string }>(foreignBelowSql, [], { signal })
    .catch((error: unknown) => {
      signal.throwIfAborted();
      throw databaseError(error, 'target', 'Looking for foreign tables');
    });
  const above = new Set(rows.map(({ schema, name }) => qualifiedName(schema, name)));
  return tables.filter(({ schema, name }) => !above.has(qualifiedName(schema, name)));
}

import type { ManifestTable } from '../../dump/manifest.ts';
import { shareOut } from '../../lib/share-out.ts';
import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import { underSearchPath } from '../../postgres/search-path.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import { tableName } from '../../lib/table-name.ts';

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
  await shareOut(
    await withoutForeignBelow(sessions[0], tables, options.signal),
    sessions,
    async (session, table, signal) => {
      try {
        // Expressions of indexes and statistics are run for it.
        const analyze = (): Promise<void> =>
          session.execute(`ANALYZE ${qualifiedName(table.schema, table.name)}`, { signal });
        await underSearchPath(session, table.searchPath ?? [], analyze, { signal });
      } catch (error) {
        signal.throwIfAborted();
        throw databaseError(error, 'target', `Collecting statistics of table ${tableName(table)}`);
      }
    },
    options.signal,
  );
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

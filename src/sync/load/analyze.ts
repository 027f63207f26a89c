import type { ManifestTable } from '../../dump/manifest.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { shareOut } from '../../lib/share-out.ts';
import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import { withSearchPath } from '../../postgres/search-path.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import { tableName } from '../../lib/table-name.ts';
import { runInOrder } from './run-in-order.ts';

const foreignBelowSql = sqlFile(import.meta.url, './foreign-below.sql');

/**
 * Gives the planner statistics before anybody queries: a dump carries none. In parallel, one table a session. Foreign
 * servers are not asked: tables above foreign ones are left to the user. Functions of users are run for them, and from
 * 17 on under a path of the server's own, so that they may fail where the source's do: no run fails for that. Returns
 * a sentence for each table that has no statistics.
 */
export async function analyzeTables(
  sessions: readonly Session[],
  tables: readonly ManifestTable[],
  options: { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const analyzed = await withoutForeignBelow(sessions[0], tables, options.signal);
  const [first, ...others] = sessions;
  // What an abort leaves behind of a transaction, the server refuses at once.
  if (first?.inTransaction === true && others.length === 0) return analyzeInOrder(first, analyzed, options);
  const notes: string[] = [];
  await shareOut(
    analyzed,
    sessions,
    async (session, table, signal) => {
      try {
        await session.execute(analyzeSql(table), { signal });
      } catch (error) {
        signal.throwIfAborted();
        notes.push(noteOf(analyzeError(error, table)));
      }
    },
    options.signal,
  );
  return notes.sort();
}

/** Each table under a savepoint: what fails takes nothing with it. */
async function analyzeInOrder(
  session: Session,
  tables: readonly ManifestTable[],
  { signal }: { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const notes: string[] = [];
  let left = tables;
  while (left.length > 0) {
    const failed: ManifestTable[] = [];
    try {
      await runInOrder(session, left, {
        textOf: (table) => `SAVEPOINT statistics;\n${analyzeSql(table)}\nRELEASE SAVEPOINT statistics;`,
        failed: (error, table) => {
          failed.push(table);
          return analyzeError(error, table);
        },
        signal,
      });
      return notes;
    } catch (error) {
      signal.throwIfAborted();
      const [table] = failed;
      if (table === undefined) throw error;
      notes.push(noteOf(error));
      await session.execute('ROLLBACK TO SAVEPOINT statistics; RELEASE SAVEPOINT statistics', { signal });
      left = left.slice(left.indexOf(table) + 1);
    }
  }
  return notes;
}

/** One message, so that the path goes with what fails. */
function analyzeSql({ schema, name, searchPath = [] }: ManifestTable): string {
  // Expressions of indexes and statistics are run for it.
  return withSearchPath(searchPath, `ANALYZE ${qualifiedName(schema, name)};`);
}

function analyzeError(error: unknown, table: ManifestTable): SyncError {
  return databaseError(error, 'target', `Collecting statistics of table ${tableName(table)}`);
}

/** What the statement itself has met; everything else ends the run. */
function noteOf(error: unknown): string {
  if (!(error instanceof SyncError) || error.code !== 'TARGET_STATEMENT_FAILED') throw error;
  return (
    `${error.message} The table has no statistics, so its queries may be slow until ANALYZE succeeds: see to the ` +
    'functions of its columns’ types, its indexes and its extended statistics.'
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

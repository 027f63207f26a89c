import type { CatalogModel } from '../../catalog/model.ts';
import type { MigrationHistory } from '../../dump/manifest.ts';
import { tableName } from '../../lib/table-name.ts';
import { migrationTool } from '../../plan/migration-tables.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import type { CallOptions, Session } from '../../postgres/session.ts';
import { serverFact, sqlState } from '../../postgres/sqlstate.ts';

export interface Histories {
  readonly histories: readonly MigrationHistory[];
  /** A sentence for each table that could not be read. */
  readonly notes: readonly string[];
}

/** More than any project has; a table with more is not compared. */
const entriesMax = 20_000;

/**
 * Which migrations a database has applied, by each of its tables that a known tool keeps for that. Within a
 * transaction of the caller's. A table that may not be read, or is not as expected, becomes a note.
 */
export async function readHistories(
  session: Session,
  { tables }: Pick<CatalogModel, 'tables'>,
  options: CallOptions,
): Promise<Histories> {
  const histories: MigrationHistory[] = [];
  const notes: string[] = [];
  for (const table of tables) {
    const known = migrationTool(table);
    if (known === null) continue;
    const { schema, name } = table;
    const sql = `SELECT entry FROM (${known.applied(qualifiedName(schema, name))}) AS applied ORDER BY entry COLLATE "C" LIMIT ${entriesMax + 1}`;
    await session.execute('SAVEPOINT migrations', options);
    try {
      const rows = await session.query<{ entry: string }>(sql, [], options);
      if (rows.length > entriesMax) notes.push(notRead(tableName(table), known.tool, 'it has too many rows'));
      else histories.push({ tool: known.tool, schema, name, applied: rows.map(({ entry }) => entry) });
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!/^(?:22|42)/.test(sqlState(error) ?? '')) throw error;
      await session.execute('ROLLBACK TO SAVEPOINT migrations', options);
      notes.push(notRead(tableName(table), known.tool, serverFact(error)));
    }
    await session.execute('RELEASE SAVEPOINT migrations', options);
  }
  return { histories, notes };
}

function notRead(table: string, tool: string, why: string): string {
  return `The applied migrations in ${table} (${tool}) could not be read: ${why}.`;
}

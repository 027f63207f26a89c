import { sqlFile } from '../../lib/sql-file.ts';
import type { CallOptions, Queryable } from '../../postgres/session.ts';

const publicationsSql = sqlFile(import.meta.url, './new-table-publications.sql');

/** Publications FOR ALL TABLES, as far as new rows concern them. */
export interface NewTablePublications {
  readonly names: readonly string[];
  /** Somebody subscribes to something of this database; a subscriber without the new tables would stop. */
  readonly read: boolean;
  /** A sentence without its full stop: what is kept for an undo joins them. */
  readonly what: string;
}

/** Null where a new table joins none. */
export async function newTablePublications(
  session: Queryable,
  options: CallOptions,
): Promise<NewTablePublications | null> {
  const found = await session.query<{ name: string; read: boolean }>(publicationsSql, [], options);
  if (found.length === 0) return null;
  const names = found.map(({ name }) => name);
  return {
    names,
    read: found.some(({ read }) => read),
    what:
      'The rows that an undo needs are kept in new tables of the target, which join publications ' +
      `FOR ALL TABLES (${names.map((name) => `"${name}"`).join(', ')})`,
  };
}

/** Said where nobody subscribes now. */
export function joinedQuietly({ what }: NewTablePublications): string {
  return `${what}. Nobody subscribes now; who does while they are kept is told that these tables are missing.`;
}

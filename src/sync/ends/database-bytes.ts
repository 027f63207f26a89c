import { sqlFile } from '../../lib/sql-file.ts';
import type { CallOptions, Queryable } from '../../postgres/session.ts';

const databaseBytesSql = sqlFile(import.meta.url, './database-bytes.sql');

/** How large some databases of a server are, by name; null where this role may not ask. */
export async function databaseBytes(
  session: Queryable,
  names: readonly string[],
  options: CallOptions,
): Promise<ReadonlyMap<string, number | null>> {
  const rows = await session.query<{ readonly name: string; readonly bytes: string | null }>(
    databaseBytesSql,
    [names],
    options,
  );
  return new Map(rows.map(({ name, bytes }) => [name, bytes === null ? null : Number(bytes)]));
}

import { sqlFile } from '../../lib/sql-file.ts';

export const presenceSql = sqlFile(import.meta.url, './presence.sql');

/** The kind of object without which a query finds nothing (presence.sql); null where it must always be asked. */
export function nothingWithout(sql: string): string | null {
  return /^-- Nothing without: (.+)\.$/m.exec(sql)?.[1] ?? null;
}

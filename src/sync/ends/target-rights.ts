import { sqlForServer } from '../../catalog/sql-for-server.ts';
import { sqlFile } from '../../lib/sql-file.ts';
import type { TargetRights } from '../../plan/target-rights.ts';
import type { Database } from '../../postgres/database.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError, sqlState } from '../../postgres/sqlstate.ts';

const rightsSql = sqlFile(import.meta.url, './target-rights.sql');

/** Reads `TargetRights`; of the extensions that the server offers, those named. Changes nothing. */
export async function readTargetRights(
  database: Database,
  name: string,
  extensions: readonly string[],
  options: { readonly signal: AbortSignal },
): Promise<TargetRights> {
  try {
    return await database.withSession(async (session) => {
      const [version] = await session.query<{ num: number }>(
        "SELECT pg_catalog.current_setting('server_version_num')::int AS num",
        [],
        options,
      );
      const [row] = await session.query<TargetRights>(
        sqlForServer(rightsSql, version?.num ?? 0),
        [extensions],
        options,
      );
      if (row === undefined) throw new Error('The server does not know its own role.');
      const features = [...row.features, ...((await readsXml(session, options)) ? ['xml'] : [])];
      return { ...row, features, available: row.available ?? [], installed: row.installed ?? [] };
    }, options.signal);
  } catch (error) {
    options.signal.throwIfAborted();
    throw databaseError(error, 'target', `Reading the roles of "${name}"`);
  }
}

/** No catalogue says whether a server was built with libxml; one that was not refuses every value. */
async function readsXml(session: Session, options: { readonly signal: AbortSignal }): Promise<boolean> {
  try {
    await session.query("SELECT '<a/>'::pg_catalog.xml", [], options);
    return true;
  } catch (error) {
    if (sqlState(error) === '0A000') return false;
    throw error;
  }
}

import { sqlFile } from '../../lib/sql-file.ts';
import { SyncError } from '../../errors/sync-error.ts';
import type { CatalogSession } from '../catalog-session.ts';
import type { ServerFacts } from '../model.ts';

const sql = sqlFile(import.meta.url, './server-facts.sql');

/**
 * A provider may have revoked this right, and the server checks it before it runs the query, so we ask for the right
 * first.
 */
const mayReadIdentifier = `SELECT pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE') AS "may"`;
const readIdentifier = `SELECT system_identifier::text AS "systemIdentifier" FROM pg_catalog.pg_control_system()`;

export async function readServerFacts(catalog: CatalogSession): Promise<ServerFacts> {
  const [[facts], [{ may } = { may: false }]] = await Promise.all([
    catalog.rows<Omit<ServerFacts, 'systemIdentifier'>>(sql),
    catalog.rows<{ may: boolean }>(mayReadIdentifier),
  ]);
  if (facts === undefined) throw new SyncError('INTERNAL', 'The server does not list its own database.');
  if (!may) return { ...facts, systemIdentifier: null };
  const [row] = await catalog.rows<{ systemIdentifier: string }>(readIdentifier);
  return { ...facts, systemIdentifier: row?.systemIdentifier ?? null };
}

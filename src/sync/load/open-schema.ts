import { sqlFile } from '../../lib/sql-file.ts';
import type { RunnableObject } from '../../plan/runnable-object.ts';
import { quoteIdentifier } from '../../postgres/identifiers.ts';
import type { CallOptions, Session } from '../../postgres/session.ts';

const sql = sqlFile(import.meta.url, './open-schema.sql');

/** Two sessions that change the grants of a schema at once are an error, not a queue. Held until the statement's end. */
const oneAtATime = "SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('multiboard-sync grants'));";

/**
 * The statement that makes a role the owner of something. Nobody but a superuser may give things to a role that may not
 * create in their schema, and grants come later: it is let in for that moment, and shut out again.
 */
export async function ownerSql(
  session: Session,
  object: RunnableObject,
  options: CallOptions,
): Promise<string> {
  const { schema, partOf } = object;
  const [role] = object.roles;
  if (schema === null || role === undefined || partOf?.startsWith('schema:') === true) return object.sql;
  const [row] = await session.query<{ closed: boolean }>(sql, [role, schema], options);
  if (row?.closed !== true) return object.sql;
  const [on, who] = [quoteIdentifier(schema), quoteIdentifier(role)];
  return [
    oneAtATime,
    `GRANT CREATE ON SCHEMA ${on} TO ${who};`,
    object.sql,
    `REVOKE CREATE ON SCHEMA ${on} FROM ${who};`,
  ].join('\n');
}

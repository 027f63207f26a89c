import { sqlFile } from '../../lib/sql-file.ts';
import type { RunnableObject } from '../../plan/runnable-object.ts';
import { quoteIdentifier } from '../../postgres/identifiers.ts';
import type { CallOptions, Session } from '../../postgres/session.ts';

const sql = sqlFile(import.meta.url, './open-schema.sql');

/** Two sessions that change the same grants at once are an error, not a queue. Held until the statement's end. */
const oneAtATime = "SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('multiboard-sync grants'));";

/**
 * The statement that makes a role the owner of something. Nobody but a superuser may give things to a role that may
 * not create in their schema (a publication: in the database), and grants come later: it is let in for that moment,
 * and shut out again.
 */
export async function ownerSql(
  session: Session,
  object: RunnableObject,
  options: CallOptions,
): Promise<string> {
  const { schema, partOf } = object;
  const [role] = object.roles;
  const isPublication = partOf?.startsWith('publication:') === true;
  // A schema's new owner needs nothing.
  if (role === undefined || partOf?.startsWith('schema:') === true) return object.sql;
  if (schema === null && !isPublication) return object.sql;
  const [closed] = await session.query<{ name: string }>(sql, [role, schema], options);
  if (closed === undefined) return object.sql;
  const on = `${isPublication ? 'DATABASE' : 'SCHEMA'} ${quoteIdentifier(closed.name)}`;
  const who = quoteIdentifier(role);
  return [
    oneAtATime,
    `GRANT CREATE ON ${on} TO ${who};`,
    object.sql,
    `REVOKE CREATE ON ${on} FROM ${who};`,
  ].join('\n');
}

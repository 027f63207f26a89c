import { sqlFile } from '../../lib/sql-file.ts';
import type { RunnableObject } from '../../plan/runnable-object.ts';
import { quoteIdentifier } from '../../postgres/identifiers.ts';
import type { CallOptions, Session } from '../../postgres/session.ts';

const sql = sqlFile(import.meta.url, './open-schema.sql');

/**
 * Two sessions that change the same grants at the same time get an error instead of a queue, so this lock is held
 * until the statement ends.
 */
const oneAtATime = "SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('multiboard-sync grants'));";

/**
 * The statement that makes a role the owner of an object. The new owner needs CREATE on the object's schema (for a
 * publication: on the database) unless a superuser runs the statement, and grants come later. So the role gets CREATE
 * for that moment, and loses it again.
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

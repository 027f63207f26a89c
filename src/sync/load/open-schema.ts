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

/** What an answer of `ownerSql` depends on, and a run changes. */
export function changesWhoMayCreate({ kind, facts }: RunnableObject): boolean {
  return kind === 'privileges' || (kind === 'owner' && facts.of === 'schema');
}

/** `ownerSql` for many objects on one session: each question is asked once, as long as nothing changes its answer. */
export class OpenSchemas {
  readonly #session: Session;
  readonly #closed = new Map<string, string | null>();

  constructor(session: Session) {
    this.#session = session;
  }

  /** What was run meanwhile. */
  ran(object: RunnableObject): void {
    if (changesWhoMayCreate(object)) this.#closed.clear();
  }

  async sqlOf(object: RunnableObject, options: CallOptions): Promise<string> {
    const question = questionOf(object);
    if (question === null) return object.sql;
    const key = JSON.stringify(question);
    const known = this.#closed.get(key);
    const closed = known === undefined ? await closedTo(this.#session, question, options) : known;
    this.#closed.set(key, closed);
    return letIn(object, question, closed);
  }
}

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
  const question = questionOf(object);
  return question === null ? object.sql : letIn(object, question, await closedTo(session, question, options));
}

interface Question {
  readonly role: string;
  /** Null for the database itself. */
  readonly schema: string | null;
}

function questionOf({ schema, facts, roles }: RunnableObject): Question | null {
  const [role] = roles;
  // A schema's new owner needs nothing.
  if (role === undefined || facts.of === 'schema') return null;
  return schema === null && facts.of !== 'publication' ? null : { role, schema };
}

/** The name of what the role has to be let into; null where it may create there. */
async function closedTo(
  session: Session,
  { role, schema }: Question,
  options: CallOptions,
): Promise<string | null> {
  const [closed] = await session.query<{ name: string }>(sql, [role, schema], options);
  return closed?.name ?? null;
}

function letIn(object: RunnableObject, { role }: Question, closed: string | null): string {
  if (closed === null) return object.sql;
  const on = `${object.facts.of === 'publication' ? 'DATABASE' : 'SCHEMA'} ${quoteIdentifier(closed)}`;
  const who = quoteIdentifier(role);
  return [
    oneAtATime,
    `GRANT CREATE ON ${on} TO ${who};`,
    object.sql,
    `REVOKE CREATE ON ${on} FROM ${who};`,
  ].join('\n');
}

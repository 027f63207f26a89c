import type { ObjectFacts } from '../object-facts.ts';

/**
 * The schema that every new database already has: never created, never dropped
 * (docs/facts/postgresql.md#schema-public).
 */
export const publicSchema = 'public';

/** The grant by which a new database of a server before 15 lets everybody create in it. */
export const openToAll = [
  'REVOKE USAGE ON SCHEMA "public" FROM PUBLIC;',
  'GRANT ALL ON SCHEMA "public" TO PUBLIC;',
].join('\n');

interface Said {
  readonly kind: string;
  readonly schema: string | null;
  readonly facts: ObjectFacts;
}

/** Owner, grants, comment and security labels of schema public as such. */
export function isOfPublicItself({ schema, facts }: Said): boolean {
  return schema === publicSchema && facts.of === 'schema';
}

/** The same, and the default privileges in it. */
export function isOfPublicSchema(object: Said): boolean {
  return isOfPublicItself(object) || (object.schema === publicSchema && object.facts.forRole !== undefined);
}

/**
 * Owner and grants that a new database of a server before 15 has: schema public belongs to the role that made the
 * server, and everybody may create in it. Later servers mean them when they mention none.
 */
export function isInitialOfPublic(object: Said, versionNum: number): boolean {
  return versionNum < 150_000 && isOfPublicItself(object) && ['owner', 'privileges'].includes(object.kind);
}

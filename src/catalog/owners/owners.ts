import { quoteIdentifier } from '../../postgres/identifiers.ts';
import { draft } from '../draft.ts';
import type { Draft } from '../draft.ts';

/**
 * Ownership as objects of their own, after the rows: until then everything belongs to the role that made it, which may
 * therefore load, index and refer to it.
 */
export function ownerDrafts(subjects: readonly Draft[]): Draft[] {
  const schemaOwners = new Map(
    subjects
      .filter(({ kind, owner }) => kind === 'schema' && owner !== null)
      .map(({ name, id }) => [name, ownerId(id)]),
  );
  return subjects.flatMap((subject): Draft[] => {
    if (subject.owner === null) return [];
    const { role, alter, reset } = subject.owner;
    const schemaOwner = subject.kind === 'schema' ? undefined : schemaOwners.get(subject.schema ?? '');
    const isRelation = ['table', 'foreign table', 'view', 'materialized view'].includes(subject.kind);
    return [
      draft({
        id: ownerId(subject.id),
        kind: 'owner',
        schema: subject.schema,
        name: subject.name,
        identity: `owner of ${subject.identity}`,
        section: 'post-data',
        sql: `ALTER ${alter} OWNER TO ${quoteIdentifier(role)};`,
        dropSql: reset === undefined ? null : `ALTER ${alter} OWNER TO ${quoteIdentifier(reset)};`,
        partOf: subject.id,
        // A new owner must be allowed to create in the schema, which its schema's new owner is.
        needs: [subject.id, ...(schemaOwner === undefined ? [] : [schemaOwner])],
        locks: isRelation ? [{ table: subject.id, mode: 'exclusive' }] : [],
        roles: [role],
      }),
    ];
  });
}

export function ownerId(subject: string): string {
  return `owner:${subject}`;
}

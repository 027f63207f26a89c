import type { ObjectFacts } from '../catalog/object-facts.ts';

interface Said {
  readonly id: string;
  readonly kind: string;
  readonly schema: string | null;
  readonly name: string;
  readonly partOf: string | null;
  readonly facts: ObjectFacts;
}

/**
 * Ids of some schemas, and of what is said of a schema itself rather than of something in it: owner, grants, comment,
 * default privileges, its place in publications. Schema public has no object of its own.
 */
export function ofSchemaItself(objects: readonly Said[], schemas: readonly string[]): ReadonlySet<string> {
  const made = new Set(
    objects.filter(({ kind, name }) => kind === 'schema' && schemas.includes(name)).map(({ id }) => id),
  );
  const isSaid = ({ kind, schema, partOf, facts }: Said): boolean =>
    (partOf !== null && made.has(partOf)) ||
    (schemas.includes(schema ?? '') &&
      (facts.of === 'schema' || facts.forRole !== undefined || kind === 'publication schema'));
  return new Set([...made, ...objects.filter(isSaid).map(({ id }) => id)]);
}

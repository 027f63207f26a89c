import type { ObjectFacts } from '../object-facts.ts';

/**
 * The fields by which a part of an extension's relation is known; a catalogue's and a dump's objects both have them.
 */
interface PartObject {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly partOf: string | null;
  readonly facts: ObjectFacts;
}

/**
 * Whether an object is on a relation that an extension makes (extension-parts.ts), or says something of one that is:
 * its owner.
 */
export function isPartOfExtension<T extends PartObject>(objects: readonly T[]): (object: T) => boolean {
  const parts = new Set(objects.filter(({ facts }) => facts.guarded === true).map(({ id }) => id));
  return ({ id, partOf }) => parts.has(id) || parts.has(partOf ?? '');
}

/** The name of that extension; null for what is on no such relation. */
export function extensionOfPart<T extends PartObject>(objects: readonly T[]): (object: T) => string | null {
  const byId = new Map(objects.map((object) => [object.id, object]));
  const isPart = isPartOfExtension(objects);
  return (object) => {
    if (!isPart(object)) return null;
    let at: T | undefined = object;
    while (at !== undefined && at.kind !== 'extension') at = byId.get(at.partOf ?? '');
    return at?.name ?? null;
  };
}

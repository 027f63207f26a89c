import type { RunnableObject } from '../../src/plan/runnable-object.ts';

/** An object of a dump that depends on nothing and locks nothing. */
export function runnable(
  object: Pick<RunnableObject, 'kind' | 'section' | 'sql'> & { readonly name?: string },
): RunnableObject {
  const name = object.name ?? 'x';
  return {
    id: name,
    schema: 'public',
    identity: `${object.kind} ${name}`,
    dependsOn: [],
    partOf: null,
    locks: [],
    roles: [],
    tablespaces: [],
    minServerMajor: 0,
    superuser: false,
    facts: {},
    ...object,
    name,
  };
}

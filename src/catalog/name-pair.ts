import { qualifiedName } from '../postgres/identifiers.ts';

/** Schema and name of something that a definition mentions, as the catalog queries return it. */
export type NamePair = readonly [schema: string, name: string];

export function quotePair([schema, name]: NamePair): string {
  return qualifiedName(schema, name);
}

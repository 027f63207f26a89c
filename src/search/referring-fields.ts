import { isBuiltCollection } from './collection-names.ts';
import { call } from './search-node.ts';
import type { SearchNode } from './search-node.ts';

/** A field of another collection, `offers.part_id`, and the alias that it refers to. */
export interface ReferringField {
  readonly field: string;
  readonly alias: string;
}

interface Shown {
  readonly name: string;
  readonly fields?: readonly { readonly name: string; readonly reference?: string | undefined }[] | undefined;
}

/**
 * Which collections join what stands behind these aliases (`reference`, 0.25 and later). Typesense ties such a field
 * to the collection that was there when its documents came, and does not follow the alias when it moves. Errors:
 * SEARCH_UNAVAILABLE, AUTH_SEARCH.
 */
export async function referringFields(
  node: SearchNode,
  aliases: readonly string[],
): Promise<readonly ReferringField[]> {
  const found = await call(node, 'Listing collections', () => node.client.collections().retrieve());
  return referencesIn(found, aliases);
}

export function referencesIn(
  collections: readonly Shown[],
  aliases: readonly string[],
): readonly ReferringField[] {
  const aliasOf = (name: string): string | undefined =>
    aliases.find((alias) => alias === name || isBuiltCollection(alias, name));
  return collections.flatMap(({ name, fields = [] }) =>
    // Old collections of ours refer to nothing that is searched.
    aliasOf(name) !== undefined
      ? []
      : fields.flatMap(({ name: field, reference }) => {
          const alias = reference === undefined ? undefined : aliasOf(reference.split('.')[0] ?? '');
          return alias === undefined ? [] : [{ field: `${name}.${field}`, alias }];
        }),
  );
}

export function referringWords({ field, alias }: ReferringField): string {
  return (
    `Field ${field} in Typesense refers to "${alias}", and a reference does not follow an alias: fill ` +
    'that collection again after the alias has moved.'
  );
}

import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { SyncError } from '../errors/sync-error.ts';
import type { ClusterFacts } from './check-cluster.ts';
import { call, callOrNull } from './search-node.ts';
import type { SearchNode } from './search-node.ts';

const itemSchema = z.looseObject({ id: z.string() });
const listSchemas = {
  synonyms: z.object({ synonyms: z.array(itemSchema) }),
  overrides: z.object({ overrides: z.array(itemSchema) }),
} as const;
const setsSchema = z.object({
  synonym_sets: z.array(z.string()).default([]),
  curation_sets: z.array(z.string()).default([]),
});

type Kind = keyof typeof listSchemas;
type Item = z.infer<typeof itemSchema>;

/** Links to global sets, as a collection is created with them (30.0 and later). */
export type SetLinks = z.infer<typeof setsSchema>;

/** The sets the live collection links to; none on older servers. */
export async function setLinks(
  node: SearchNode,
  facts: ClusterFacts,
  from: string | null,
): Promise<SetLinks | null> {
  if (facts.settings === 'in-collection' || from === null) return null;
  const summary = await call(node, `Reading collection "${from}"`, () =>
    node.client.collections(from).retrieve(),
  );
  return setsSchema.parse(summary);
}

/**
 * Makes the synonyms and overrides of `to` equal to those of `from` and reads them back: they belong to the
 * collection up to 29.x and would be lost with it (docs/facts/typesense.md#what-belongs-to-a-collection). Called
 * after the collection is made, and again just before the switch for what was edited meanwhile. Errors:
 * MISMATCH_SEARCH, AUTH_SEARCH, SEARCH_*.
 */
export async function carrySettings(
  node: SearchNode,
  facts: ClusterFacts,
  from: string | null,
  to: string,
): Promise<void> {
  if (from === null) return;
  if (facts.settings === 'linked-sets') return carryLinks(node, facts, from, to);
  for (const kind of ['synonyms', 'overrides'] as const) {
    const wanted = await list(node, kind, from);
    const present = new Map((await list(node, kind, to)).map((item) => [item.id, item]));
    for (const item of wanted) {
      if (!isDeepStrictEqual(present.get(item.id), item)) await put(node, kind, to, item);
      present.delete(item.id);
    }
    for (const id of present.keys()) await remove(node, kind, to, id);
    const copied = await list(node, kind, to);
    if (!isDeepStrictEqual(byId(copied), byId(wanted))) {
      throw new SyncError(
        'MISMATCH_SEARCH',
        `The ${kind} of "${to}" differ from those of "${from}" after copying.`,
      );
    }
  }
}

async function carryLinks(node: SearchNode, facts: ClusterFacts, from: string, to: string): Promise<void> {
  const wanted = await setLinks(node, facts, from);
  if (isDeepStrictEqual(wanted, await setLinks(node, facts, to))) return;
  await call(node, `Linking the sets of "${from}" to "${to}"`, () =>
    node.patientClient.apiCall.patch(`/collections/${encodeURIComponent(to)}`, wanted),
  );
  if (!isDeepStrictEqual(wanted, await setLinks(node, facts, to))) {
    throw new SyncError('MISMATCH_SEARCH', `The linked sets of "${to}" differ from those of "${from}".`);
  }
}

// The client's own methods for these print a deprecation notice to the console; its plain requests do not.
async function list(node: SearchNode, kind: Kind, collection: string): Promise<readonly Item[]> {
  const answer = await call(node, `Listing the ${kind} of "${collection}"`, () =>
    node.client.apiCall.get<unknown>(settingsPath(kind, collection)),
  );
  const lists: Partial<Record<Kind, Item[]>> = listSchemas[kind].parse(answer);
  return lists[kind] ?? [];
}

async function put(node: SearchNode, kind: Kind, collection: string, item: Item): Promise<void> {
  await call(node, `Copying one of the ${kind} to "${collection}"`, () =>
    node.client.apiCall.put<unknown>(settingsPath(kind, collection, item.id), item),
  );
}

async function remove(node: SearchNode, kind: Kind, collection: string, id: string): Promise<void> {
  await callOrNull(node, `Removing one of the ${kind} of "${collection}"`, () =>
    node.client.apiCall.delete<unknown>(settingsPath(kind, collection, id)),
  );
}

function settingsPath(kind: Kind, collection: string, id?: string): string {
  const path = `/collections/${encodeURIComponent(collection)}/${kind}`;
  return id === undefined ? path : `${path}/${encodeURIComponent(id)}`;
}

function byId(items: readonly Item[]): readonly Item[] {
  return [...items].sort((left, right) => (left.id < right.id ? -1 : 1));
}

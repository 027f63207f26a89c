import type { CollectionCreateSchema } from 'typesense/lib/Typesense/Collections.js';
import { SyncError } from '../errors/sync-error.ts';
import { setLinks } from './carry-settings.ts';
import type { ClusterFacts } from './check-cluster.ts';
import { hashField } from './collection-config.ts';
import type { CollectionConfig, CollectionField } from './collection-config.ts';
import { withRetries } from './retry.ts';
import type { SearchTiming } from './search-deps.ts';
import { httpStatusOf } from './search-error.ts';
import { call } from './search-node.ts';
import type { SearchNode } from './search-node.ts';

/** Parts of an embedding that an answer may leave out. */
const rarelyShown = new Set(['model_config', 'cascade_delete']);

export interface CreateInput {
  readonly facts: ClusterFacts;
  readonly config: CollectionConfig;
  /** Its real name, used by nobody before. */
  readonly collection: string;
  /** The live collection whose sets it links to (30.0 and later). */
  readonly previous: string | null;
}

/**
 * Creates an empty collection. Errors: SEARCH_REFUSED (a field or setting is wrong), SEARCH_UNAVAILABLE, AUTH_SEARCH.
 */
export async function createCollection(
  node: SearchNode,
  input: CreateInput,
  timing: SearchTiming,
  signal: AbortSignal,
): Promise<void> {
  const { facts, config, collection, previous } = input;
  const links = await withRetries(timing.adminAttempts, timing, signal, () =>
    setLinks(node, facts, previous),
  );
  const { defaultSortingField, enableNestedFields, tokenSeparators, symbolsToIndex } = config;
  const schema = {
    name: collection,
    fields: [
      ...config.fields.map(serverField),
      // Declared, because 27.0 leaves undeclared fields out of exports; unindexed, so it costs no memory
      // (docs/facts/typesense.md#fields).
      { name: hashField, type: 'string' as const, index: false, optional: true },
    ],
    ...(defaultSortingField === undefined ? {} : { default_sorting_field: defaultSortingField }),
    ...(enableNestedFields === undefined ? {} : { enable_nested_fields: enableNestedFields }),
    ...(tokenSeparators === undefined ? {} : { token_separators: [...tokenSeparators] }),
    ...(symbolsToIndex === undefined ? {} : { symbols_to_index: [...symbolsToIndex] }),
    ...links,
  };
  await withRetries(timing.adminAttempts, timing, signal, async (attempt) => {
    try {
      const made = await call(node, `Creating collection "${collection}"`, () =>
        node.patientClient.collections().create(schema as unknown as CollectionCreateSchema),
      );
      refuseIgnored(facts, config, made.fields ?? []);
    } catch (error) {
      // The name is this run's own: after a lost answer, "exists" means that the first request arrived.
      if (attempt > 1 && httpStatusOf(error) === 409) return;
      throw error;
    }
  });
}

/** The server passes over what it does not know, without a word. SEARCH_REFUSED where it did. */
function refuseIgnored(
  { nodes }: ClusterFacts,
  config: CollectionConfig,
  made: readonly { readonly name: string }[],
): void {
  const shown = new Map(made.map((field) => [field.name, field]));
  for (const field of config.fields) {
    const known = shown.get(field.name) ?? {};
    const ignored = Object.keys(serverField(field)).filter(
      (key) => !Object.hasOwn(known, key) && !rarelyShown.has(key),
    );
    if (ignored.length === 0) continue;
    throw new SyncError(
      'SEARCH_REFUSED',
      `Typesense ${nodes.map(({ version }) => version).join(', ')} does not know ${ignored.join(', ')} of field ` +
        `"${field.name}".`,
      { details: { collection: config.name, field: field.name, ignored } },
    );
  }
}

function serverField({ extra, ...field }: CollectionField): Readonly<Record<string, unknown>> {
  return { ...field, ...extra };
}

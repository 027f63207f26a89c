import type { SearchCluster } from '../environments/environment.ts';
import { SyncError } from '../errors/sync-error.ts';
import { readAlias } from './aliases.ts';
import { awaitReplayed } from './await-replayed.ts';
import { checkCluster } from './check-cluster.ts';
import type { ClusterFacts } from './check-cluster.ts';
import type { CollectionConfig } from './collection-config.ts';
import { newCollectionName, probeMark } from './collection-names.ts';
import { createCollection } from './create-collection.ts';
import { dropCollection } from './drop-collection.ts';
import { referringFields, referringWords } from './referring-fields.ts';
import { withRetries } from './retry.ts';
import { timingOf } from './search-deps.ts';
import type { SearchDeps, SearchTiming } from './search-deps.ts';
import { SearchNodes } from './search-node.ts';
import type { SearchNode } from './search-node.ts';
import { seenElsewhere } from './seen-elsewhere.ts';
import type { SeenElsewhere } from './seen-elsewhere.ts';

export interface CheckSearchInput {
  readonly collections: readonly CollectionConfig[];
  /** Becomes part of the names under which they are tried. */
  readonly runId: string;
  /** Searches of other environments, by their names. */
  readonly others?: ReadonlyMap<string, SearchCluster> | undefined;
  /** Whether they are tried. */
  readonly tries: boolean;
}

export interface SearchChecked extends SeenElsewhere {
  /** What a switch leaves behind, in sentences. */
  readonly referring: readonly string[];
  /** Documents that are live now, by collection. */
  readonly live: ReadonlyMap<string, number>;
}

/**
 * Asks before the long work what would end it: whether every node answers, takes the key and has carried out its log,
 * whether each alias may be one, and whether Typesense takes each collection with its fields. No catalogue says the
 * last: each is made empty, under a name that nobody searches, and removed again (`tries`); while the first is there,
 * it is looked for in the other searches. Errors: SEARCH_UNAVAILABLE, AUTH_SEARCH, SEARCH_REFUSED (too old, a field
 * or a setting), SEARCH_NAME_TAKEN; the signal's reason.
 */
export async function checkSearch(
  deps: Pick<SearchDeps, 'cluster' | 'timing' | 'now'>,
  { collections, runId, others = new Map(), tries }: CheckSearchInput,
  { signal }: { readonly signal: AbortSignal },
): Promise<SearchChecked> {
  const timing = timingOf(deps);
  using nodes = new SearchNodes(deps.cluster, timing, signal);
  const facts = await checkCluster(nodes, timing, signal);
  await awaitReplayed(nodes, timing, signal);
  const live = new Map<string, number>();
  for (const { name } of collections) {
    const { collection } = await withRetries(timing.adminAttempts, timing, signal, () =>
      readAlias(nodes.first, name),
    );
    live.set(name, collection?.documents ?? 0);
  }
  let seen: SeenElsewhere = { same: [], notAsked: [] };
  for (const [index, config] of (tries ? collections : []).entries()) {
    const collection = newCollectionName(config.name, deps.now(), { runId, lockMark: probeMark });
    const meanwhile = async (): Promise<void> => {
      if (index === 0 && others.size > 0) seen = await seenElsewhere(others, collection, timing, signal);
    };
    await tryCollection(nodes.first, { facts, config, collection, meanwhile }, timing, signal);
  }
  const aliases = collections.map(({ name }) => name);
  const fields = await withRetries(timing.adminAttempts, timing, signal, () =>
    referringFields(nodes.first, aliases),
  );
  return { ...seen, referring: fields.map(referringWords), live };
}

async function tryCollection(
  node: SearchNode,
  input: {
    readonly facts: ClusterFacts;
    readonly config: CollectionConfig;
    readonly collection: string;
    readonly meanwhile: () => Promise<void>;
  },
  timing: SearchTiming,
  signal: AbortSignal,
): Promise<void> {
  const { config, collection } = input;
  try {
    await createCollection(node, { ...input, previous: null }, timing, signal);
    await input.meanwhile();
  } catch (error) {
    // Its answer may have been lost on the way.
    await dropCollection(node, config.name, collection, timing).catch(() => {});
    signal.throwIfAborted();
    if (!(error instanceof SyncError) || error.code !== 'SEARCH_REFUSED') throw error;
    throw new SyncError(
      'SEARCH_REFUSED',
      `Collection "${config.name}" as it is configured: ${error.message}`,
      {
        cause: error,
        details: error.details,
      },
    );
  }
  await dropCollection(node, config.name, collection, timing);
}

import { SyncError } from '../errors/sync-error.ts';
import { pause, withRetries } from './retry.ts';
import type { SearchTiming } from './search-deps.ts';
import { httpStatusOf } from './search-error.ts';
import { call, callOrNull } from './search-node.ts';
import type { SearchNode, SearchNodes } from './search-node.ts';

const readBackEveryMs = 200;

export interface AliasState {
  /** What the alias points to; null where there is no alias. */
  readonly pointsTo: string | null;
  /** The same where it exists, with its documents. */
  readonly collection: { readonly name: string; readonly documents: number } | null;
}

/**
 * Reads an alias. SEARCH_NAME_TAKEN where a real collection carries its name: it would hide the alias
 * (docs/facts/typesense.md#aliases). SEARCH_UNAVAILABLE where it points at nothing: taken for a first build, its
 * synonyms would be lost.
 */
export async function readAlias(node: SearchNode, alias: string): Promise<AliasState> {
  const pointsTo = await aliasTarget(node, alias);
  const shown = await collectionSummary(node, alias);
  if (shown?.name === alias) {
    throw new SyncError(
      'SEARCH_NAME_TAKEN',
      `Typesense at ${node.url} has a real collection named "${alias}", so "${alias}" cannot be an alias. ` +
        'Nothing was changed.',
      { details: { alias } },
    );
  }
  if (pointsTo !== null && shown === null) {
    throw new SyncError(
      'SEARCH_UNAVAILABLE',
      `Alias "${alias}" at ${node.url} points at "${pointsTo}", which does not exist: Typesense is not ` +
        'ready, or has lost it. Nothing was changed.',
      {
        details: { alias, collection: pointsTo },
        hint:
          'Wait until Typesense has loaded its data, and run again. If the collection is lost, remove the alias ' +
          'on purpose.',
      },
    );
  }
  return { pointsTo, collection: shown };
}

export async function aliasTarget(node: SearchNode, alias: string): Promise<string | null> {
  const found = await callOrNull(node, `Reading alias "${alias}"`, () =>
    node.client.aliases(alias).retrieve(),
  );
  return found?.collection_name ?? null;
}

export async function collectionSummary(
  node: SearchNode,
  name: string,
): Promise<{ readonly name: string; readonly documents: number } | null> {
  const found = await callOrNull(node, `Reading collection "${name}"`, () =>
    node.client.collections(name).retrieve(),
  );
  return found === null ? null : { name: found.name, documents: found.num_documents };
}

/** Names of all real collections. */
export async function collectionNames(node: SearchNode): Promise<readonly string[]> {
  const found = await call(node, 'Listing collections', () => node.client.collections().retrieve());
  return found.map(({ name }) => name);
}

/** Every alias and where it points. */
export async function allAliases(node: SearchNode): Promise<ReadonlyMap<string, string>> {
  const { aliases } = await call(node, 'Listing aliases', () => node.client.aliases().retrieve());
  return new Map(aliases.map(({ name, collection_name: target }) => [name, target]));
}

/**
 * Points an alias at a collection (`null` removes the alias) and waits until every node shows it. Setting an alias is
 * idempotent, so a lost answer is asked for again. Errors: SEARCH_ALIAS_REFUSED (the alias's state is then to be read
 * again), AUTH_SEARCH, SEARCH_UNAVAILABLE.
 */
export async function setAlias(
  nodes: SearchNodes,
  alias: string,
  target: string | null,
  timing: SearchTiming,
): Promise<void> {
  const { first } = nodes;
  const what = `Moving alias "${alias}" to ${target === null ? 'nothing' : `"${target}"`}`;
  try {
    await withRetries(timing.adminAttempts, timing, undefined, async () => {
      if (target === null) {
        await callOrNull(first, what, () => first.patientClient.aliases(alias).delete());
      } else {
        await call(first, what, () =>
          first.patientClient.aliases().upsert(alias, { collection_name: target }),
        );
      }
    });
  } catch (error) {
    // A status is the server's refusal; without one the server is out of reach, and that is what to say.
    const refused =
      error instanceof SyncError && httpStatusOf(error) !== null && error.code !== 'AUTH_SEARCH';
    if (!refused) throw error;
    throw new SyncError('SEARCH_ALIAS_REFUSED', error.message, { details: { alias } });
  }
  for (const node of nodes.all) await readBack(node, alias, target, timing);
}

async function readBack(
  node: SearchNode,
  alias: string,
  target: string | null,
  timing: SearchTiming,
): Promise<void> {
  const tries = Math.max(1, Math.ceil(timing.followerMs / readBackEveryMs));
  for (let attempt = 1; ; attempt += 1) {
    const shown = await withRetries(timing.adminAttempts, timing, undefined, () => aliasTarget(node, alias));
    if (shown === target) return;
    if (attempt >= tries) break;
    await pause(readBackEveryMs, undefined);
  }
  throw new SyncError(
    'SEARCH_ALIAS_REFUSED',
    `Node ${node.url} does not show alias "${alias}" where it was moved to.`,
    { details: { alias } },
  );
}

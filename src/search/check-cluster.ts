import { SyncError } from '../errors/sync-error.ts';
import { withRetries } from './retry.ts';
import type { SearchTiming } from './search-deps.ts';
import { call } from './search-node.ts';
import type { SearchNode, SearchNodes } from './search-node.ts';

/** The oldest server whose behaviour is known (docs/facts/typesense.md). */
const versionMin = 24;

export interface NodeFacts {
  readonly url: string;
  readonly version: string;
  readonly leader: boolean;
}

export interface ClusterFacts {
  readonly nodes: readonly NodeFacts[];
  /** From 30.0 synonyms and overrides are global sets that collections link to. */
  readonly settings: 'in-collection' | 'linked-sets';
}

/**
 * Asks every node for health and version. Errors: SEARCH_UNAVAILABLE (a node does not answer or is not ready),
 * AUTH_SEARCH, SEARCH_REFUSED (a server older than 0.24).
 */
export async function checkCluster(
  nodes: SearchNodes,
  timing: SearchTiming,
  signal?: AbortSignal,
): Promise<ClusterFacts> {
  const facts = await Promise.all(
    nodes.all.map((node) => withRetries(timing.adminAttempts, timing, signal, () => checkNode(node))),
  );
  const linked = facts.every(({ version }) => comparableVersion(version) >= 30_00);
  return { nodes: facts, settings: linked ? 'linked-sets' : 'in-collection' };
}

async function checkNode(node: SearchNode): Promise<NodeFacts> {
  const { ok } = await call(node, 'Asking for health', () => node.client.health.retrieve());
  if (!ok) throw new SyncError('SEARCH_UNAVAILABLE', `Typesense at ${node.url} says it is not healthy.`);
  const { version, state } = await call(node, 'Asking for the version (debug:list)', () =>
    node.client.debug.retrieve(),
  );
  if (comparableVersion(version) < versionMin) {
    throw new SyncError('SEARCH_REFUSED', `Typesense at ${node.url} is ${version}; 0.24 or newer is needed.`);
  }
  return { url: node.url, version, leader: state === 1 };
}

/** `0.24.1` → 24, `0.25.2` → 25, `26.0` → 2600, `27.1` → 2701, `nightly` → the newest. */
export function comparableVersion(version: string): number {
  const match = /(\d+)\.(\d+)/.exec(version);
  if (match === null) return Number.POSITIVE_INFINITY;
  return Number(match[1]) * 100 + Number(match[2]);
}

import type { SearchCluster } from '../environments/environment.ts';
import { SyncError } from '../errors/sync-error.ts';
import { checkCluster, comparableVersion } from './check-cluster.ts';
import type { ClusterFacts, NodeFacts } from './check-cluster.ts';
import { withRetries } from './retry.ts';
import { timingOf } from './search-deps.ts';
import type { SearchTiming } from './search-deps.ts';
import { SearchNodes } from './search-node.ts';

export interface ClusterTest {
  readonly nodes: readonly NodeFacts[];
  /** Actions that the key needs and does not have, in Typesense's names; empty when all is well. */
  readonly missingActions: readonly string[];
  /** Of actions that are only a courtesy: free disk and memory, clearing the cache. */
  readonly missingNiceties: readonly string[];
}

export interface ClusterTestOptions {
  readonly signal: AbortSignal;
  /** Aliases the key must serve; a key may be limited to collections whose names match. */
  readonly aliases?: readonly string[] | undefined;
  readonly timing?: Partial<SearchTiming> | undefined;
}

interface Probe {
  readonly action: string;
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly nicety?: true;
}

/**
 * Tests an environment's search without changing anything: health and version of every node, and for each action that
 * a rebuild needs one request that cannot do anything (an unknown collection, or a body without what is required):
 * the server checks the key first, so 401 means "not allowed" and every other status "allowed". Errors: AUTH_SEARCH
 * (the key is not known at all), SEARCH_UNAVAILABLE, SEARCH_REFUSED.
 */
export async function testCluster(cluster: SearchCluster, options: ClusterTestOptions): Promise<ClusterTest> {
  const timing = timingOf(options);
  using nodes = new SearchNodes(cluster, timing, options.signal);
  const facts = await checkCluster(nodes, timing, options.signal);
  const wanted = (options.aliases ?? ['multiboard']).flatMap((alias) => probes(alias, facts));
  const missing: Probe[] = [];
  for (const probe of wanted) {
    const { status } = await withRetries(timing.adminAttempts, timing, options.signal, () =>
      nodes.first.transport.send({
        method: probe.method,
        path: probe.path,
        body: probe.body,
        watchdogMs: timing.quickWatchdogMs,
        signal: options.signal,
      }),
    );
    if (status === 401 || status === 403) missing.push(probe);
  }
  if (missing.length === wanted.length) {
    throw new SyncError('AUTH_SEARCH', `Typesense at ${nodes.first.url} does not accept the API key.`);
  }
  const actions = (nicety: boolean): readonly string[] => [
    ...new Set(missing.filter((probe) => (probe.nicety ?? false) === nicety).map(({ action }) => action)),
  ];
  return { nodes: facts.nodes, missingActions: actions(false), missingNiceties: actions(true) };
}

function probes(alias: string, facts: ClusterFacts): readonly Probe[] {
  const name = `${alias}__00000000000000_probe`;
  const path = `/collections/${name}`;
  // Action names of sub-resources changed in 26 (docs/facts/typesense.md#keys).
  const since26 = facts.nodes.every(({ version }) => comparableVersion(version) >= 26_00);
  const perCollection: readonly Probe[] = (['synonyms', 'overrides'] as const).flatMap((kind) => [
    { action: `${kind}:${since26 ? 'get' : 'list'}`, method: 'GET', path: `${path}/${kind}` },
    { action: `${kind}:upsert`, method: 'PUT', path: `${path}/${kind}/probe`, body: '{}' },
    { action: `${kind}:delete`, method: 'DELETE', path: `${path}/${kind}/probe` },
  ]);
  return [
    { action: 'collections:create', method: 'POST', path: '/collections', body: JSON.stringify({ name }) },
    { action: 'collections:get', method: 'GET', path },
    { action: 'collections:list', method: 'GET', path: '/collections' },
    { action: 'collections:delete', method: 'DELETE', path },
    {
      action: 'documents:import',
      method: 'POST',
      path: `${path}/documents/import?action=create`,
      body: '{}',
    },
    { action: 'documents:export', method: 'GET', path: `${path}/documents/export` },
    { action: 'aliases:get', method: 'GET', path: `/aliases/${name}` },
    { action: 'aliases:list', method: 'GET', path: '/aliases' },
    { action: 'aliases:upsert', method: 'PUT', path: `/aliases/${name}`, body: '{}' },
    { action: 'aliases:delete', method: 'DELETE', path: `/aliases/${name}` },
    ...(facts.settings === 'in-collection' ? perCollection : []),
    { action: 'stats.json:list', method: 'GET', path: '/stats.json' },
    { action: 'metrics.json:list', method: 'GET', path: '/metrics.json', nicety: true },
    {
      action: since26 ? 'operations/cache/clear:create' : 'clear:create',
      method: 'POST',
      path: '/operations/cache/clear',
      nicety: true,
    },
  ];
}

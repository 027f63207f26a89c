import type { Client } from 'typesense';
import type { ConfigurationOptions } from 'typesense/lib/Typesense/Configuration.js';
import type { SearchCluster } from '../environments/environment.ts';
import { clientError, httpStatusOf, serverMessage } from './search-error.ts';
import type { SearchTiming } from './search-deps.ts';
import { Transport } from './transport.ts';
import { typesensePackage } from './typesense-package.ts';

/** One node of a cluster, as one piece of work sees it. */
export interface SearchNode {
  readonly url: string;
  readonly transport: Transport;
  /** The official client on our transport: no retries, no logging, the work's abort signal. */
  readonly client: Client;
  /** `client` for requests whose answer may take long (alias, create, drop). */
  readonly patientClient: Client;
}

/** The nodes of a cluster for the length of one piece of work; the first one takes the writes. */
export class SearchNodes implements Disposable {
  readonly first: SearchNode;
  readonly all: readonly SearchNode[];

  constructor(cluster: SearchCluster, timing: SearchTiming, signal?: AbortSignal) {
    this.all = cluster.nodes.map((url) => openNode(url, cluster, timing, signal));
    const [first] = this.all;
    if (first === undefined) throw new TypeError('A search cluster without nodes.');
    this.first = first;
  }

  [Symbol.dispose](): void {
    for (const { transport } of this.all) transport.close();
  }
}

function openNode(
  url: string,
  cluster: SearchCluster,
  timing: SearchTiming,
  signal: AbortSignal | undefined,
): SearchNode {
  const transport = new Transport(url, cluster);
  const { Client } = typesensePackage();
  const open = (watchdogMs: number): Client =>
    new Client({
      nodes: [{ url: '' }],
      // The transport adds the real key, so no object of the client ever holds it.
      apiKey: 'held-by-transport',
      numRetries: 0,
      logLevel: 'error',
      axiosAdapter: adapter(transport, watchdogMs, signal),
    });
  return { url, transport, client: open(timing.quickWatchdogMs), patientClient: open(timing.watchdogMs) };
}

type Adapter = Extract<NonNullable<ConfigurationOptions['axiosAdapter']>, (...args: never[]) => unknown>;

/**
 * Carries the client's requests over our transport, and mends error bodies that are no JSON
 * (docs/facts/typesense.md#the-node-client).
 */
function adapter(transport: Transport, watchdogMs: number, signal: AbortSignal | undefined): Adapter {
  return async (config) => {
    const query = new URLSearchParams(config.params as Record<string, string> | undefined).toString();
    const { status, contentType, text } = await transport.send({
      method: (config.method ?? 'get').toUpperCase(),
      path: `${config.url ?? ''}${query === '' ? '' : `?${query}`}`,
      body: config.data as string | undefined,
      watchdogMs,
      signal,
    });
    const data = status >= 400 ? JSON.stringify({ message: serverMessage(text) }) : text;
    return {
      data,
      status,
      statusText: '',
      headers: { 'content-type': status >= 400 ? 'application/json' : contentType },
      config,
    };
  };
}

/** Runs one call of the official client; its errors become ours. `what` names object and action. */
export async function call<T>(node: SearchNode, what: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw clientError(error, node.url, what);
  }
}

/** Like `call`, with `null` where the server says 404. */
export async function callOrNull<T>(
  node: SearchNode,
  what: string,
  run: () => Promise<T>,
): Promise<T | null> {
  try {
    return await call(node, what, run);
  } catch (error) {
    if (httpStatusOf(error) === 404) return null;
    throw error;
  }
}

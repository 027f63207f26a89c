import type { Session } from '../postgres/session.ts';
import { readAlias } from './aliases.ts';
import { awaitReplayed } from './await-replayed.ts';
import { checkCluster } from './check-cluster.ts';
import type { ClusterFacts } from './check-cluster.ts';
import type { CollectionConfig } from './collection-config.ts';
import { WantedDocuments } from './differing-documents.ts';
import type { DocumentDifferences } from './differing-documents.ts';
import { bucketOfPair, DocumentDigest } from './document-digest.ts';
import { documentProof, parseDocument } from './document-proof.ts';
import { exportDocuments, proofKind } from './export-documents.ts';
import type { ProofKind } from './export-documents.ts';
import { readDocuments } from './read-documents.ts';
import { rejected } from './rejected-documents.ts';
import { withRetries } from './retry.ts';
import { timingOf } from './search-deps.ts';
import type { SearchDeps, SearchTiming } from './search-deps.ts';
import { SearchNodes } from './search-node.ts';
import type { SearchNode } from './search-node.ts';
import { storedDigest } from './verify-collection.ts';

/** What the live search and a database say of one collection. */
export interface LiveComparison {
  readonly alias: string;
  /** The collection behind the alias; null where there is no alias. */
  readonly collection: string | null;
  /** That the database has. */
  readonly documents: number;
  /** Of their JSON. */
  readonly bytes: number;
  /** That the node has which differs, or the first one. */
  readonly stored: number;
  /** Null where every node says what the database says. */
  readonly differences: DocumentDifferences | null;
  /** The node that differs. */
  readonly node: string | null;
  /** `hashes`: only the hash that was sent along was looked at (export-documents.ts). */
  readonly proof: ProofKind;
}

export interface CompareLiveInput {
  readonly collections: readonly CollectionConfig[];
  /** The schema's name, unquoted, that stands for `{schema}`. */
  readonly schema: string;
  /** Whose fault a failing query is. */
  readonly side: 'source' | 'target';
}

/**
 * Compares what the live collections hold, on every node, with what their queries yield; changes nothing. `session` is
 * in a transaction that shows one moment, after `checkQueries`. Flat memory while all is equal; where it is not, an id
 * and a hash for each document of the parts that differ. Errors: SEARCH_UNAVAILABLE, AUTH_SEARCH, SEARCH_NAME_TAKEN,
 * SEARCH_QUERY_FAILED, SEARCH_DOCUMENT_REJECTED, MISMATCH_SEARCH (an export that cannot be read); the signal's reason.
 */
export async function compareLive(
  deps: Pick<SearchDeps, 'cluster' | 'timing'>,
  session: Session,
  input: CompareLiveInput,
  options: {
    readonly signal: AbortSignal;
    readonly onCompared?: ((collection: LiveComparison) => void) | undefined;
  },
): Promise<readonly LiveComparison[]> {
  const timing = timingOf(deps);
  using nodes = new SearchNodes(deps.cluster, timing, options.signal);
  const facts = await checkCluster(nodes, timing, options.signal);
  await awaitReplayed(nodes, timing, options.signal);
  const compared: LiveComparison[] = [];
  for (const config of input.collections) {
    const run = { session, config, nodes, facts, timing, signal: options.signal, ...input };
    const one = await compareCollection(run);
    options.onCompared?.(one);
    compared.push(one);
  }
  return compared;
}

interface CollectionRun extends CompareLiveInput {
  readonly session: Session;
  readonly config: CollectionConfig;
  readonly nodes: SearchNodes;
  readonly facts: ClusterFacts;
  readonly timing: SearchTiming;
  readonly signal: AbortSignal;
}

async function compareCollection(run: CollectionRun): Promise<LiveComparison> {
  const { config, nodes, facts, timing, signal } = run;
  const state = await withRetries(timing.adminAttempts, timing, signal, () =>
    readAlias(nodes.first, config.name),
  );
  const collection = state.pointsTo;
  const wanted = { contents: new DocumentDigest(), hashes: new DocumentDigest() };
  let bytes = 0;
  const add = (id: string, hash: string, json: Buffer): void => {
    bytes += json.length;
    wanted.hashes.add(id, hash);
    wanted.contents.add(id, documentProof(parseDocument(json.toString('utf8'))));
  };
  await readDocuments(run, { onDocument: add }, { signal });
  const proof = proofKind(facts, bytes);
  const { documents } = wanted.contents;
  const found = { alias: config.name, collection, documents, bytes, proof };
  if (collection === null) {
    const differences = { missing: documents, foreign: 0, different: 0, foreignKeys: [], documents: [] };
    return { ...found, stored: 0, differences, node: null };
  }
  let stored = documents;
  for (const node of nodes.all) {
    const digest = await storedDigest(node, collection, proof, timing, signal);
    stored = digest.documents;
    const buckets = new Set(wanted[proof].differingBuckets(digest));
    if (buckets.size === 0) continue;
    const differences = await differencesOf(run, { node, collection, proof, buckets });
    return { ...found, stored, differences, node: node.url };
  }
  return { ...found, stored, differences: null, node: null };
}

/** Both sides' documents of the buckets that differ, compared one by one. */
async function differencesOf(
  run: CollectionRun,
  {
    node,
    collection,
    proof: kind,
    buckets,
  }: {
    readonly node: SearchNode;
    readonly collection: string;
    readonly proof: ProofKind;
    readonly buckets: ReadonlySet<number>;
  },
): Promise<DocumentDifferences> {
  const { timing, signal } = run;
  const wanted = new WantedDocuments();
  const add = (id: string, hash: string, json: Buffer): void => {
    const document = parseDocument(json.toString('utf8')) as Readonly<Record<string, unknown>>;
    const proof = kind === 'hashes' ? hash : documentProof(document);
    if (!buckets.has(bucketOfPair(id, proof))) return;
    if (wanted.has(id))
      throw rejected(run.config.name, [{ id, field: 'id', reason: 'its id appears more than once' }]);
    wanted.add(id, proof, document, json.length);
  };
  await readDocuments(run, { onDocument: add }, { signal });
  return withRetries(timing.adminAttempts, timing, signal, async () => {
    const comparison = wanted.compare();
    await exportDocuments(node, { collection, kind }, timing, signal, (id, proof, document) => {
      if (buckets.has(bucketOfPair(id, proof))) comparison.add(id, proof, document);
    });
    return comparison.end();
  });
}

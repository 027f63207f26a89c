import { SyncError } from '../errors/sync-error.ts';
import { copyOut } from '../postgres/copy.ts';
import type { Session } from '../postgres/session.ts';
import type { Reporter } from '../progress/progress.ts';
import { collectionSummary } from './aliases.ts';
import type { ClusterFacts } from './check-cluster.ts';
import type { CollectionConfig } from './collection-config.ts';
import { bucketOfPair, DocumentDigest } from './document-digest.ts';
import { documentProof, parseDocument } from './document-proof.ts';
import { copyDocuments } from './document-query.ts';
import { documentRows } from './document-rows.ts';
import { exportDocuments, proofKind } from './export-documents.ts';
import type { ProofKind } from './export-documents.ts';
import type { SentDocuments } from './import-collection.ts';
import { pause, withRetries } from './retry.ts';
import type { SearchTiming } from './search-deps.ts';
import type { SearchNode, SearchNodes } from './search-node.ts';

const askAgainMs = 200;
const askAgainMaxMs = 5_000;
/** Differences are listed from this many of the 1,024 buckets: enough to explain, in bounded memory. */
const bucketsListed = 4;
const idsListed = 20;

export interface VerifyInput {
  readonly config: CollectionConfig;
  readonly collection: string;
  readonly schema: string;
  readonly sent: SentDocuments;
  readonly facts: ClusterFacts;
}

/**
 * Proves that every node holds exactly the documents that were read from the database: first their number, then all
 * that each of them says, because a document that failed while it was indexed is counted all the same, and one that
 * was changed keeps the hash that was sent along. Where the server cannot give whole documents that hash alone is
 * read back, and the log says so. `session` must still be in the snapshot the documents were read in; it is read
 * again only to name what differs. Errors: MISMATCH_SEARCH (with ids), SEARCH_UNAVAILABLE; the signal's reason.
 */
export async function verifyCollection(
  nodes: SearchNodes,
  session: Session,
  input: VerifyInput,
  timing: SearchTiming,
  { signal, report }: { readonly signal: AbortSignal; readonly report: Pick<Reporter, 'log'> },
): Promise<void> {
  const kind = proofKind(input.facts, input.sent.bytes);
  if (kind === 'hashes')
    report.log(
      'warn',
      'Only the hash of each document is read back, not the whole document: this Typesense cannot export so ' +
        'many whole ones safely.',
      { collection: input.config.name },
    );
  // A follower counts documents before it can export them (seen on 0.24.1): only time tells late from different.
  const patienceMs = nodes.all.length > 1 ? timing.followerMs : 0;
  for (const node of nodes.all) {
    await waitForCount(node, input, timing, signal);
    let waitMs = askAgainMs;
    for (let waitedMs = 0; ; waitedMs += waitMs) {
      const differing = input.sent[kind].differingBuckets(
        await storedDigest(node, input.collection, kind, timing, signal),
      );
      if (differing.length === 0) break;
      if (waitedMs >= patienceMs)
        throw await differenceError(node, session, { ...input, kind }, differing, timing, signal);
      waitMs = Math.min(waitMs * 2, askAgainMaxMs);
      await pause(waitMs, signal);
    }
  }
}

/** What a node's export of a collection says, in 20 KiB. Errors: those of `exportDocuments`. */
export async function storedDigest(
  node: SearchNode,
  collection: string,
  kind: ProofKind,
  timing: SearchTiming,
  signal: AbortSignal,
): Promise<DocumentDigest> {
  return withRetries(timing.adminAttempts, timing, signal, async () => {
    const digest = new DocumentDigest();
    await exportDocuments(node, { collection, kind }, timing, signal, (id, proof) => {
      digest.add(id, proof);
    });
    return digest;
  });
}

async function differenceError(
  node: SearchNode,
  session: Session,
  input: VerifyInput & { readonly kind: ProofKind },
  differing: readonly number[],
  timing: SearchTiming,
  signal: AbortSignal,
): Promise<SyncError> {
  const buckets = new Set(differing.slice(0, bucketsListed));
  const ids = await differingIds(node, session, input, buckets, timing, signal);
  const listed = ids.length === 0 ? '' : `, among them ${ids.join(', ')}`;
  return new SyncError(
    'MISMATCH_SEARCH',
    `Collection "${input.collection}" on ${node.url} differs from the database${listed}. The aliases were not moved.`,
    { details: { collection: input.config.name, node: node.url, documents: ids } },
  );
}

/**
 * Followers index on their own time (docs/facts/typesense.md#aliases): waits until the number is right, as long as
 * `followerMs`.
 */
async function waitForCount(
  node: SearchNode,
  { collection, sent }: VerifyInput,
  timing: SearchTiming,
  signal: AbortSignal,
): Promise<void> {
  let found: number | null = null;
  for (let waitedMs = 0; ; waitedMs += askAgainMs) {
    const summary = await withRetries(timing.adminAttempts, timing, signal, () =>
      collectionSummary(node, collection),
    );
    found = summary?.documents ?? null;
    if (found === sent.contents.documents) return;
    // More documents than were sent never become fewer.
    if ((found ?? 0) > sent.contents.documents || waitedMs >= timing.followerMs) break;
    await pause(askAgainMs, signal);
  }
  // The digests will differ too, and then say which documents.
  if (found !== null) return;
  throw new SyncError(
    'MISMATCH_SEARCH',
    `Node ${node.url} does not have the new collection "${collection}".`,
  );
}

/** Both sides' documents of a few buckets, compared one by one. */
async function differingIds(
  node: SearchNode,
  session: Session,
  { config, collection, schema, kind }: VerifyInput & { readonly kind: ProofKind },
  buckets: ReadonlySet<number>,
  timing: SearchTiming,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const wanted = new Map<string, string>();
  const found = new Set<string>();
  const list = (id: string, difference: string): void => {
    if (found.size < idsListed) found.add(`${id} (${difference})`);
  };
  await copyOut(session, copyDocuments(config, schema), { signal }, async (rows) => {
    for await (const { id, hash, json } of documentRows(rows, config)) {
      const proof = kind === 'hashes' ? hash : documentProof(parseDocument(json.toString('utf8')));
      if (!buckets.has(bucketOfPair(id, proof))) continue;
      if (wanted.has(id)) list(id, 'more than once in the query’s result');
      wanted.set(id, proof);
    }
  });
  await exportDocuments(node, { collection, kind }, timing, signal, (id, proof) => {
    if (wanted.get(id) === proof) wanted.delete(id);
    else if (buckets.has(bucketOfPair(id, proof))) list(id, 'differs or is not in the database');
  });
  for (const id of wanted.keys()) list(id, 'missing or different in the collection');
  return [...found];
}

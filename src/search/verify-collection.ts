import { SyncError } from '../errors/sync-error.ts';
import { copyOut } from '../postgres/copy.ts';
import type { Session } from '../postgres/session.ts';
import { collectionSummary } from './aliases.ts';
import type { CollectionConfig } from './collection-config.ts';
import { splitColumns, splitLines, unescapeColumn } from './copy-lines.ts';
import { bucketOfPair, DocumentDigest } from './document-digest.ts';
import { copyDocumentHashes } from './document-query.ts';
import { exportPairs } from './export-pairs.ts';
import { pause, withRetries } from './retry.ts';
import type { SearchTiming } from './search-deps.ts';
import type { SearchNode, SearchNodes } from './search-node.ts';

const askAgainMs = 200;
const askAgainMaxMs = 5_000;
/** Differences are listed from this many of the 1,024 buckets: enough to explain, in bounded memory. */
const bucketsListed = 4;
const idsListed = 20;
const lineBytesMax = 1024 * 1024;

export interface VerifyInput {
  readonly config: CollectionConfig;
  readonly collection: string;
  readonly schema: string;
  /** Of what was read from the database and sent. */
  readonly sent: DocumentDigest;
}

/**
 * Proves that every node holds exactly the documents that were read from the database: first their number, then the
 * sum of all (id, hash) pairs, because a document that failed while it was indexed is counted all the same (facts
 * §13). `session` must still be in the snapshot the documents were read in; it is read again only to name what differs.
 * Errors: MISMATCH_SEARCH (with ids), SEARCH_UNAVAILABLE; the signal's reason.
 */
export async function verifyCollection(
  nodes: SearchNodes,
  session: Session,
  input: VerifyInput,
  timing: SearchTiming,
  signal: AbortSignal,
): Promise<void> {
  // A follower counts documents before it can export them (seen on 0.24.1): only time tells late from different.
  const patienceMs = nodes.all.length > 1 ? timing.followerMs : 0;
  for (const node of nodes.all) {
    await waitForCount(node, input, timing, signal);
    let waitMs = askAgainMs;
    for (let waitedMs = 0; ; waitedMs += waitMs) {
      const differing = input.sent.differingBuckets(
        await storedDigest(node, input.collection, timing, signal),
      );
      if (differing.length === 0) break;
      if (waitedMs >= patienceMs)
        throw await differenceError(node, session, input, differing, timing, signal);
      waitMs = Math.min(waitMs * 2, askAgainMaxMs);
      await pause(waitMs, signal);
    }
  }
}

async function storedDigest(
  node: SearchNode,
  collection: string,
  timing: SearchTiming,
  signal: AbortSignal,
): Promise<DocumentDigest> {
  return withRetries(timing.adminAttempts, timing, signal, async () => {
    const digest = new DocumentDigest();
    await exportPairs(node, collection, timing, signal, (id, hash) => {
      digest.add(id, hash);
    });
    return digest;
  });
}

async function differenceError(
  node: SearchNode,
  session: Session,
  input: VerifyInput,
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

/** Followers index on their own time (facts §5.3): waits until the number is right, as long as `followerMs`. */
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
    if (found === sent.documents) return;
    // More documents than were sent never become fewer.
    if ((found ?? 0) > sent.documents || waitedMs >= timing.followerMs) break;
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
  { config, collection, schema }: VerifyInput,
  buckets: ReadonlySet<number>,
  timing: SearchTiming,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const wanted = new Map<string, string>();
  const found = new Set<string>();
  const list = (id: string, difference: string): void => {
    if (found.size < idsListed) found.add(`${id} (${difference})`);
  };
  await copyOut(session, copyDocumentHashes(config, schema), { signal }, async (rows) => {
    for await (const line of splitLines(rows, lineBytesMax, lineTooLong)) {
      const [id = '', hash = ''] = splitColumns(line).map((column) =>
        unescapeColumn(column)?.toString('utf8'),
      );
      if (!buckets.has(bucketOfPair(id, hash))) continue;
      if (wanted.has(id)) list(id, 'more than once in the query’s result');
      wanted.set(id, hash);
    }
  });
  await exportPairs(node, collection, timing, signal, (id, hash) => {
    if (wanted.get(id) === hash) wanted.delete(id);
    else if (buckets.has(bucketOfPair(id, hash))) list(id, 'differs or is not in the database');
  });
  for (const id of wanted.keys()) list(id, 'missing or different in the collection');
  return [...found];
}

function lineTooLong(): never {
  throw new SyncError('INTERNAL', 'An id is longer than 1 MiB.');
}

import { z } from 'zod';
import { SyncError } from '../errors/sync-error.ts';
import { comparableVersion } from './check-cluster.ts';
import type { ClusterFacts } from './check-cluster.ts';
import { hashField } from './collection-config.ts';
import { splitLines } from './copy-lines.ts';
import { documentProof, parseDocument } from './document-proof.ts';
import { documentBytesMax } from './document-rows.ts';
import type { SearchTiming } from './search-deps.ts';
import { serverMessage, statusError } from './search-error.ts';
import type { SearchNode } from './search-node.ts';

/** The server may write a document longer than we sent it. */
const storedBytesMax = 4 * documentBytesMax;
/** How long an export is still read after nobody needs it any more. */
const drainMs = 30_000;

/** 0.24 holds an export in its memory until it is over, beside the live searches: more is not asked of it at once. */
const heldBytesMax = 256 * 1024 * 1024;

const documentSchema = z.looseObject({ id: z.string(), [hashField]: z.string().default('') });

/** What is read back of a document: all of it, or the hash that was sent along. */
export type ProofKind = 'contents' | 'hashes';

/** What can be asked of these nodes for documents of so many bytes. 27.0 leaves keys that are no fields out. */
export function proofKind({ nodes }: ClusterFacts, bytes: number): ProofKind {
  const versions = nodes.map(({ version }) => comparableVersion(version));
  const forgets = versions.some((version) => version === comparableVersion('27.0'));
  const holds = versions.some((version) => version < comparableVersion('0.25')) && bytes > heldBytesMax;
  return forgets || holds ? 'hashes' : 'contents';
}

/**
 * Reads every stored document of one node, in flat memory here, and tells its id and its proof. An export is read to
 * its end even after an abort or a fault (for 30 s at most): the collection may be dropped next, and dropping it
 * under a running export crashes the server (docs/facts/typesense.md#exports). Errors: SEARCH_UNAVAILABLE (cut
 * short), MISMATCH_SEARCH (a line that is no document); the signal's reason.
 */
export async function exportDocuments(
  node: SearchNode,
  { collection, kind }: { readonly collection: string; readonly kind: ProofKind },
  timing: SearchTiming,
  signal: AbortSignal,
  onDocument: (id: string, proof: string, document: Readonly<Record<string, unknown>>) => void,
): Promise<void> {
  signal.throwIfAborted();
  const what = `Exporting "${collection}"`;
  const path = `/collections/${encodeURIComponent(collection)}/documents/export${kind === 'contents' ? '' : `?include_fields=id,${hashField}`}`;
  const { status, chunks } = await node.transport.stream({
    method: 'GET',
    path,
    watchdogMs: timing.watchdogMs,
  });
  if (status !== 200) {
    const parts: Buffer[] = [];
    for await (const chunk of chunks) parts.push(chunk);
    throw statusError(node.url, what, status, serverMessage(Buffer.concat(parts).toString('utf8')));
  }
  const unreadable = (): SyncError =>
    new SyncError('MISMATCH_SEARCH', `${what} at ${node.url}: a line of the export is not a document.`);
  let fault: SyncError | null = null;
  let unwantedSince: number | null = null;
  for await (const line of splitLines(chunks, storedBytesMax, () => {
    throw unreadable();
  })) {
    if (fault !== null || signal.aborted) {
      unwantedSince ??= performance.now();
      if (performance.now() - unwantedSince > drainMs) break;
      continue;
    }
    const document = parse(line);
    if (document === null) fault = unreadable();
    else
      onDocument(document.id, kind === 'contents' ? documentProof(document) : document[hashField], document);
  }
  signal.throwIfAborted();
  if (fault !== null) throw fault;
}

function parse(line: Buffer): z.infer<typeof documentSchema> | null {
  try {
    return documentSchema.parse(parseDocument(line.toString('utf8')));
  } catch {
    return null;
  }
}

import { z } from 'zod';
import { SyncError } from '../errors/sync-error.ts';
import { hashField } from './collection-config.ts';
import { splitLines } from './copy-lines.ts';
import type { SearchTiming } from './search-deps.ts';
import { serverMessage, statusError } from './search-error.ts';
import type { SearchNode } from './search-node.ts';

const lineBytesMax = 1024 * 1024;
/** How long an export that nobody wants any more is still read. */
const drainMs = 30_000;

const pairSchema = z.object({ id: z.string(), [hashField]: z.string().default('') });

/**
 * Reads id and hash of every stored document of one node, in flat memory. Asks for these two fields only, because
 * 0.24 holds a whole export in its memory (facts §4.1). An export is read to its end even after an abort or a fault
 * (for 30 s at most): the collection may be dropped next, and dropping it under a running export crashes the server
 * (facts §0.15). Errors: SEARCH_UNAVAILABLE (cut short), MISMATCH_SEARCH (a line that is no document); the signal's reason.
 */
export async function exportPairs(
  node: SearchNode,
  collection: string,
  timing: SearchTiming,
  signal: AbortSignal,
  onPair: (id: string, hash: string) => void,
): Promise<void> {
  signal.throwIfAborted();
  const what = `Exporting "${collection}"`;
  const path = `/collections/${encodeURIComponent(collection)}/documents/export?include_fields=id,${hashField}`;
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
  for await (const line of splitLines(chunks, lineBytesMax, () => {
    throw unreadable();
  })) {
    if (fault !== null || signal.aborted) {
      unwantedSince ??= performance.now();
      if (performance.now() - unwantedSince > drainMs) break;
      continue;
    }
    const pair = parsePair(line);
    if (pair === null) fault = unreadable();
    else onPair(pair.id, pair[hashField]);
  }
  signal.throwIfAborted();
  if (fault !== null) throw fault;
}

function parsePair(line: Buffer): z.infer<typeof pairSchema> | null {
  try {
    return pairSchema.parse(JSON.parse(line.toString('utf8')));
  } catch {
    return null;
  }
}

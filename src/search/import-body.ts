import { SyncError } from '../errors/sync-error.ts';
import type { CollectionConfig } from './collection-config.ts';
import { readImportAnswer, rejectedField, rejectionReason } from './import-answer.ts';
import type { ImportAnswer } from './import-answer.ts';
import type { ImportBody } from './import-bodies.ts';
import type { RejectedDocuments } from './rejected-documents.ts';
import { withRetries } from './retry.ts';
import type { SearchTiming } from './search-deps.ts';
import { serverMessage, statusError } from './search-error.ts';
import { call } from './search-node.ts';
import type { SearchNode } from './search-node.ts';

export interface ImportTarget {
  readonly node: SearchNode;
  readonly config: CollectionConfig;
  /**
   * The real collection, never the alias: mixing both loses the order of writes
   * (docs/facts/typesense.md#the-write-queue).
   */
  readonly collection: string;
  readonly timing: SearchTiming;
  /** Takes the documents that the server refuses. */
  readonly rejects: RejectedDocuments;
}

/**
 * Sends one body and accounts for every document in it. A body whose answer was lost is sent again whole: the server
 * indexed either all of it or nothing (docs/facts/typesense.md#imports), so a 409 then means "already in"; the
 * comparison with the database afterwards proves it. Documents that it refuses go into `rejects`. Errors:
 * SEARCH_UNAVAILABLE (after all tries), AUTH_SEARCH, SEARCH_OUT_OF_RESOURCES, SEARCH_REFUSED; the signal's reason.
 */
export async function importBody(target: ImportTarget, body: ImportBody, signal: AbortSignal): Promise<void> {
  const { node, collection, timing } = target;
  const what = `Importing into "${collection}"`;
  await withRetries(timing.importAttempts, timing, signal, async (attempt) => {
    // A server that is just starting may take a body and never answer (seen on 0.24.1): it must say it is ready first.
    if (attempt > 1) await call(node, 'Asking for health', () => node.client.health.retrieve());
    const { status, text } = await node.transport.send({
      method: 'POST',
      path: `/collections/${encodeURIComponent(collection)}/documents/import?action=create&dirty_values=reject`,
      body: body.jsonLines,
      watchdogMs: timing.watchdogMs,
      signal,
    });
    if (status !== 200) throw statusError(node.url, what, status, serverMessage(text));
    const answer = readImportAnswer(text, body.ids.length, attempt > 1);
    if (answer.kind === 'stopped') throw statusError(node.url, what, 422, answer.message);
    if (answer.kind === 'unreadable') {
      throw new SyncError(
        'SEARCH_UNAVAILABLE',
        `${what} at ${node.url}: the answer is not usable, ${answer.fact}.`,
      );
    }
    if (answer.accepted < body.ids.length) reject(target, body, answer);
  });
}

function reject(
  { config, rejects }: ImportTarget,
  { ids }: ImportBody,
  { accepted, rejected }: Extract<ImportAnswer, { kind: 'answered' }>,
): void {
  const fields = config.fields.map(({ name }) => name);
  for (const line of rejected) {
    rejects.add({
      id: ids[line.line] ?? '',
      field: rejectedField(line, fields),
      reason: rejectionReason(line, fields),
    });
  }
  rejects.addMore(ids.length - accepted - rejected.length);
}

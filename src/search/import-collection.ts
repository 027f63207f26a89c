import { copyOut } from '../postgres/copy.ts';
import type { Session } from '../postgres/session.ts';
import type { Reporter } from '../progress/progress.ts';
import { DocumentDigest } from './document-digest.ts';
import { documentProof, parseDocument } from './document-proof.ts';
import { copyDocuments } from './document-query.ts';
import { documentRows } from './document-rows.ts';
import type { DocumentRow } from './document-rows.ts';
import { importBodies } from './import-bodies.ts';
import type { ImportBody } from './import-bodies.ts';
import { importBody } from './import-body.ts';
import type { ImportTarget } from './import-body.ts';
import { failedBehind, queryError } from './query-error.ts';
import { rejected } from './rejected-documents.ts';
import { writeThrottle } from './throttle.ts';

/**
 * Two hide the time of uploading; more would only wait for the same thread (docs/facts/typesense.md#the-write-queue).
 */
const bodiesInFlight = 2;

export interface ImportDeps {
  readonly session: Session;
  readonly side: 'source' | 'target';
  readonly now: () => number;
}

/** What was read from the database and sent. */
export interface SentDocuments {
  /** By all that they say. */
  readonly contents: DocumentDigest;
  /** By the hash that each carries along. */
  readonly hashes: DocumentDigest;
  /** Of JSON. */
  readonly bytes: number;
}

/**
 * Streams a collection's query into a new collection: two bodies in flight and one being filled, so at most 12 MiB
 * (or three documents, where one is larger). Returns the digests of what was read and the bytes sent. Errors:
 * SEARCH_QUERY_FAILED, SEARCH_DOCUMENT_REJECTED (at the end, with all that were refused), those of `importBody` and of
 * the connection; the signal's reason.
 */
export async function importCollection(
  deps: ImportDeps,
  target: ImportTarget,
  schema: string,
  options: {
    readonly signal: AbortSignal;
    readonly report: Reporter;
    readonly onBytes: (bytes: number) => void;
  },
): Promise<SentDocuments> {
  const { config, node, rejects } = target;
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const throttle = writeThrottle(node, deps.now, options.report);
  const sent = { contents: new DocumentDigest(), hashes: new DocumentDigest() };
  const last = { id: '' };
  let bytes = 0;
  const lane = async (bodies: AsyncGenerator<ImportBody>): Promise<void> => {
    try {
      for (let next = await bodies.next(); next.done !== true; next = await bodies.next()) {
        await throttle(signal);
        if (rejects.enough) break;
        await importBody(target, next.value, signal);
        const size = next.value.jsonLines.length;
        bytes += size;
        options.report.itemAdvanced(config.name, next.value.ids.length, size);
        options.onBytes(size);
      }
    } catch (error) {
      // Ends the other lane and the reading; whoever failed first is the cause.
      stop.abort(error);
      throw error;
    }
  };
  try {
    await copyOut(deps.session, copyDocuments(config, schema), { signal }, async (rows) => {
      const documents = documentRows(rows, config, (document) => {
        rejects.add(document);
      });
      const bodies = importBodies(counted(documents, sent, last));
      await Promise.allSettled(Array.from({ length: bodiesInFlight }, () => lane(bodies)));
      signal.throwIfAborted();
      if (rejects.count > 0) throw rejected(config.name, rejects.first, rejects.count);
    });
  } catch (error) {
    options.signal.throwIfAborted();
    throw failedBehind(queryError(error, deps.side, config), sent.contents.documents, last.id);
  }
  return { ...sent, bytes };
}

async function* counted(
  rows: AsyncIterable<DocumentRow>,
  { contents, hashes }: Pick<SentDocuments, 'contents' | 'hashes'>,
  last: { id: string },
): AsyncGenerator<DocumentRow, void, undefined> {
  for await (const row of rows) {
    contents.add(row.id, documentProof(parseDocument(row.json.toString('utf8'))));
    hashes.add(row.id, row.hash);
    last.id = row.id;
    yield row;
  }
}

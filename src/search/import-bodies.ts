import type { DocumentRow } from './document-rows.ts';

/**
 * Larger bodies fill the server's write queue, until it refuses writes and then searches
 * (docs/facts/typesense.md#the-write-queue).
 */
export const bodyBytesMax = 4 * 1024 * 1024;
export const bodyDocumentsMax = 5_000;

/** The whole body of one import request, complete before the request starts. */
export interface ImportBody {
  readonly jsonLines: Buffer;
  /** In the order of the lines. */
  readonly ids: readonly string[];
}

const newline = Buffer.from('\n');

/**
 * Packs documents into bodies of at most 4 MiB and 5,000 documents; one larger document makes a body of its own.
 * Holds one body.
 */
export async function* importBodies(
  rows: AsyncIterable<DocumentRow>,
): AsyncGenerator<ImportBody, void, undefined> {
  let parts: Buffer[] = [];
  let ids: string[] = [];
  let bytes = 0;
  const body = (): ImportBody => {
    const full = { jsonLines: Buffer.concat(parts, bytes), ids };
    parts = [];
    ids = [];
    bytes = 0;
    return full;
  };
  for await (const { id, json } of rows) {
    const full = ids.length === bodyDocumentsMax || bytes + json.length + 1 > bodyBytesMax;
    if (full && ids.length > 0) yield body();
    parts.push(json, newline);
    ids.push(id);
    bytes += json.length + 1;
  }
  if (ids.length > 0) yield body();
}

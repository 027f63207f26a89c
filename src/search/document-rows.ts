import { SyncError } from '../errors/sync-error.ts';
import type { CollectionConfig } from './collection-config.ts';
import { splitColumns, splitLines, unescapeColumn } from './copy-lines.ts';

/**
 * A document larger than this would alone make the server refuse other writes
 * (docs/facts/typesense.md#the-write-queue).
 */
export const documentBytesMax = 32 * 1024 * 1024;

/** A document as it goes into an import body. */
export interface DocumentRow {
  readonly id: string;
  readonly hash: string;
  /** One line of JSON, without newline. */
  readonly json: Buffer;
}

/**
 * The documents in the COPY output of `copyDocuments`. Holds one document at a time. Errors: SEARCH_QUERY_FAILED (no
 * string id), SEARCH_DOCUMENT_REJECTED (empty id, a value that Typesense would index wrongly, or far too large).
 */
export async function* documentRows(
  chunks: AsyncIterable<Buffer>,
  collection: CollectionConfig,
): AsyncGenerator<DocumentRow, void, undefined> {
  const tooLong = (beginning: Buffer): never => {
    const [id] = splitColumns(beginning.subarray(0, 4096));
    const text = (id === undefined ? null : unescapeColumn(id))?.toString('utf8') ?? '';
    throw rejected(collection.name, text, `it is larger than ${documentBytesMax / 1024 / 1024} MiB`);
  };
  for await (const line of splitLines(chunks, documentBytesMax, tooLong)) {
    const [id = null, hash = null, misfit = null, json = null] = splitColumns(line).map((column) =>
      unescapeColumn(column),
    );
    if (id === null || hash === null || json === null) {
      throw new SyncError(
        'SEARCH_QUERY_FAILED',
        `Collection "${collection.name}": its query yields a document without a string "id"; the aliases were ` +
          'not moved.',
        { details: { collection: collection.name } },
      );
    }
    const idText = id.toString('utf8');
    if (idText === '') throw rejected(collection.name, idText, 'field "id" must not be empty');
    if (misfit !== null) {
      throw rejected(
        collection.name,
        idText,
        `field "${misfit.toString('utf8')}" holds a value outside its type’s range`,
      );
    }
    yield { id: idText, hash: hash.toString('latin1'), json };
  }
}

/** SEARCH_EMPTY where a query returned nothing, unless its collection may be empty. */
export function refuseNoDocuments({ name, allowEmpty }: CollectionConfig, documents: number): void {
  if (documents > 0 || allowEmpty === true) return;
  throw new SyncError(
    'SEARCH_EMPTY',
    `The query of collection "${name}" returns no document; its alias was not moved.`,
    { details: { collection: name } },
  );
}

/** SEARCH_DOCUMENT_REJECTED, naming collection, documents and reasons; never a value beyond the ids. */
export function rejected(
  collection: string,
  id: string,
  reason: string,
  more: readonly { readonly id: string; readonly reason: string }[] = [],
): SyncError {
  const shown = shownId(id);
  const others = more.map((one) => `"${shownId(one.id)}"${one.reason === reason ? '' : `: ${one.reason}`}`);
  const also = others.length === 0 ? '' : ` Nor ${others.join(', ')}.`;
  return new SyncError(
    'SEARCH_DOCUMENT_REJECTED',
    `Collection "${collection}" cannot take document "${shown}": ${reason}.${also} The aliases were not moved.`,
    {
      details: {
        collection,
        document: shown,
        reason,
        documents: [id, ...more.map((one) => one.id)].map(shownId),
      },
    },
  );
}

export function shownId(id: string): string {
  return id.length > 200 ? `${id.slice(0, 200)}…` : id;
}

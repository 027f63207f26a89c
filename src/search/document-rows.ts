import { SyncError } from '../errors/sync-error.ts';
import { hashField } from './collection-config.ts';
import type { CollectionConfig } from './collection-config.ts';
import { splitColumns, splitLines, unescapeColumn } from './copy-lines.ts';
import { rejected } from './rejected-documents.ts';
import type { RejectedDocument } from './rejected-documents.ts';

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
 * string id), SEARCH_DOCUMENT_REJECTED (far too large; an empty id, or a value that Typesense would index wrongly,
 * unless `onRejected` takes such ones).
 */
export async function* documentRows(
  chunks: AsyncIterable<Buffer>,
  collection: CollectionConfig,
  onRejected?: (document: RejectedDocument) => void,
): AsyncGenerator<DocumentRow, void, undefined> {
  const tooLong = (beginning: Buffer): never => {
    const [id] = splitColumns(beginning.subarray(0, 4096));
    const text = (id === undefined ? null : unescapeColumn(id))?.toString('utf8') ?? '';
    const reason = `it is larger than ${documentBytesMax / 1024 / 1024} MiB`;
    throw rejected(collection.name, [{ id: text, field: null, reason }]);
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
    const fault = faultOf(idText, misfit?.toString('utf8') ?? null);
    if (fault !== null) {
      if (onRejected === undefined) throw rejected(collection.name, [fault]);
      onRejected(fault);
      continue;
    }
    yield { id: idText, hash: hash.toString('latin1'), json };
  }
}

function faultOf(id: string, misfit: string | null): RejectedDocument | null {
  if (id === '') return { id, field: 'id', reason: 'field "id" must not be empty' };
  if (misfit === null) return null;
  const reason =
    misfit === hashField
      ? `its key "${misfit}" is one that the build writes itself`
      : `field "${misfit}" holds a value outside its type’s range`;
  return { id, field: misfit, reason };
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

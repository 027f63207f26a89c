import { copyOut } from '../postgres/copy.ts';
import type { Session } from '../postgres/session.ts';
import type { CollectionConfig } from './collection-config.ts';
import { collectionQuery, copyDocuments } from './document-query.ts';
import { documentRows } from './document-rows.ts';
import { failedBehind, queryError } from './query-error.ts';
import type { RejectedDocument } from './rejected-documents.ts';

export interface ReadDocumentsInput {
  readonly session: Session;
  readonly config: CollectionConfig;
  readonly schema: string;
  /** Whose fault a failing query is. */
  readonly side: 'source' | 'target';
}

/**
 * Reads a collection's query once. Errors: SEARCH_QUERY_FAILED, which names the document before the row it fails at,
 * SEARCH_DOCUMENT_REJECTED (unless `onRejected` takes them), those of the connection; the signal's reason.
 */
export async function readDocuments(
  { session, config, schema, side }: ReadDocumentsInput,
  to: {
    readonly onDocument: (id: string, hash: string, json: Buffer) => void;
    readonly onRejected?: (document: RejectedDocument) => void;
  },
  { signal }: { readonly signal: AbortSignal },
): Promise<number> {
  const last = { documents: 0, id: '' };
  try {
    await copyOut(session, copyDocuments(config, schema), { signal }, async (rows) => {
      for await (const { id, hash, json } of documentRows(rows, config, to.onRejected)) {
        to.onDocument(id, hash, json);
        last.documents += 1;
        last.id = id;
      }
    });
  } catch (error) {
    signal.throwIfAborted();
    throw failedBehind(queryError(error, side, config), last.documents, last.id);
  }
  return last.documents;
}

/** How many documents a query yields; most of what makes them is not evaluated. SEARCH_QUERY_FAILED. */
export async function countOfDocuments(
  {
    session,
    config,
    schema,
    side,
  }: Pick<ReadDocumentsInput, 'config' | 'schema' | 'side'> & {
    readonly session: Pick<Session, 'query'>;
  },
  { signal }: { readonly signal: AbortSignal },
): Promise<number> {
  try {
    const [counted] = await session.query<{ documents: string }>(
      `SELECT pg_catalog.count(*) AS documents FROM (\n${collectionQuery(config.query, schema)}\n) AS q`,
      [],
      { signal },
    );
    return Number(counted?.documents ?? 0);
  } catch (error) {
    signal.throwIfAborted();
    throw queryError(error, side, config);
  }
}

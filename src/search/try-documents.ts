import type { Session } from '../postgres/session.ts';
import type { CollectionConfig } from './collection-config.ts';
import { refuseNoDocuments } from './document-rows.ts';
import { readDocuments } from './read-documents.ts';

/**
 * Reads every document once and throws it away: what makes a query fail at some row is known before anything hangs on
 * it. In the transaction that the caller has opened, after `checkQueries`. Holds one document at a time. Errors:
 * SEARCH_QUERY_FAILED with the document before the row it fails at, SEARCH_DOCUMENT_REJECTED, SEARCH_EMPTY.
 */
export async function tryDocuments(
  session: Session,
  collections: readonly CollectionConfig[],
  schema: string,
  { signal, side }: { readonly signal: AbortSignal; readonly side: 'source' | 'target' },
): Promise<void> {
  for (const config of collections) {
    const documents = await readDocuments(
      { session, config, schema, side },
      { onDocument: () => {} },
      { signal },
    );
    refuseNoDocuments(config, documents);
  }
}

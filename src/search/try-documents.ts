import { copyOut } from '../postgres/copy.ts';
import type { Session } from '../postgres/session.ts';
import type { CollectionConfig } from './collection-config.ts';
import { copyDocuments } from './document-query.ts';
import { documentRows, refuseNoDocuments } from './document-rows.ts';
import { failedBehind, queryError } from './query-error.ts';

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
    const seen = { documents: 0, id: '' };
    try {
      await copyOut(session, copyDocuments(config, schema), { signal }, async (rows) => {
        for await (const { id } of documentRows(rows, config)) {
          seen.documents += 1;
          seen.id = id;
        }
      });
    } catch (error) {
      signal.throwIfAborted();
      throw failedBehind(queryError(error, side, config), seen.documents, seen.id);
    }
    refuseNoDocuments(config, seen.documents);
  }
}

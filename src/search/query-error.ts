import { SyncError } from '../errors/sync-error.ts';
import { databaseError, serverFact, sqlState } from '../postgres/sqlstate.ts';
import type { CollectionConfig } from './collection-config.ts';
import { defaultCollections } from './default-collections.ts';
import { shownId } from './rejected-documents.ts';

/**
 * SQLSTATE classes that speak of the query itself: cardinality, data, syntax and names, features, limits, functions.
 */
const queryClasses = new Set(['0A', '21', '22', '2F', '38', '39', '3F', '42', '54', 'P0']);
const insufficientPrivilege = '42501';

const notConfigured =
  'This is one of Multiboard’s own collections, which are built if the configuration names none. Write your own ' +
  'under `collections` ("multiboard-sync search init <environment> <table>" writes the block to paste), or ' +
  '`collections: []` for no search.';

/** SEARCH_QUERY_FAILED for a fault of a collection's query, else what the connection's own error is. */
export function queryError(error: unknown, side: 'source' | 'target', config: CollectionConfig): SyncError {
  const { name: collection } = config;
  const state = sqlState(error);
  if (state !== null && state !== insufficientPrivilege && queryClasses.has(state.slice(0, 2))) {
    return new SyncError(
      'SEARCH_QUERY_FAILED',
      `The query of collection "${collection}" fails: ${serverFact(error)}.`,
      {
        details: { collection, sqlState: state },
        ...(defaultCollections.includes(config) ? { hint: notConfigured } : {}),
      },
    );
  }
  return databaseError(error, side, `Reading the documents of collection "${collection}"`);
}

/** The server does not say which row a query fails at: what came before it leads there. */
export function failedBehind(error: SyncError, documents: number, id: string): SyncError {
  if (error.code !== 'SEARCH_QUERY_FAILED' || documents === 0) return error;
  const { cause, details, hint } = error;
  return new SyncError(
    error.code,
    `${error.message} It fails at a row after document "${shownId(id)}", the last of ${documents} that arrived.`,
    { cause, details: { ...details, behind: shownId(id), documents }, hint },
  );
}

import { SyncError } from '../../errors/sync-error.ts';
import { tableName } from '../../lib/table-name.ts';
import { collectionBlock } from '../../search/derive/collection-block.ts';
import { deriveCollection } from '../../search/derive/derive-collection.ts';
import type { DerivedCollection } from '../../search/derive/derive-collection.ts';
import { readTable } from '../../search/derive/read-table.ts';
import { inSnapshot } from '../../search/in-snapshot.ts';
import type { VerbDeps } from '../contract/run.ts';
import { connectAs, sourceEnd } from '../ends/connect.ts';
import { environmentNamed } from '../ends/environments.ts';

export interface InitSearchInput {
  readonly environment: string;
  /** `Name` or `schema.Name`. */
  readonly table: string;
}

export interface SearchBlock extends DerivedCollection {
  /** To be pasted into the configuration file. */
  readonly block: string;
}

/**
 * The collection that a table's columns suggest; only reads. Errors: USAGE_NOT_FOUND (no such table, or more than
 * one), CONFLICT_STATE (no primary key), those of the connection.
 */
export async function initSearch(
  { config }: VerbDeps,
  { environment: name, table }: InitSearchInput,
  { signal }: { readonly signal: AbortSignal },
): Promise<SearchBlock> {
  const environment = environmentNamed(config, name);
  const connect = connectAs('search-init');
  await using database = connect(sourceEnd(environment), { access: 'read', connections: 1 });
  return await inSnapshot(database, signal, async (session) => {
    const found = await readTable(session, { table, schema: environment.schema }, { signal });
    const derived = deriveCollection(found, environment.schema);
    if (derived !== null) return { ...derived, block: collectionBlock(derived) };
    throw new SyncError(
      'CONFLICT_STATE',
      `Table ${tableName(found)} has no primary key, and each document needs an id of its own: write its query by ` +
        'hand.',
    );
  });
}

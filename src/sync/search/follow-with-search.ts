import { SyncError } from '../../errors/sync-error.ts';
import type { Database } from '../../postgres/database.ts';
import type { Run } from '../contract/run.ts';
import type { SearchRun } from './search-run.ts';

/** Where the database is committed first: the search is built from it, and moved. An error says that only it is old. */
export async function followWithSearch(
  { report }: Run,
  search: SearchRun,
  database: Database,
): Promise<void> {
  try {
    report.step('search-build', 'Building the search collections');
    await search.build(database);
    report.step('search-switch', 'Moving the search aliases');
    await search.move();
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    throw new SyncError(
      error.code,
      `The database has the new data; the search still shows the old data: ${error.message}`,
      {
        cause: error,
        details: error.details,
        // Of an error of the database the catalogue says that it is unchanged, which is so no more.
        hint: `${error.hint.replace(' The target is unchanged.', '')} Then run "typesense" for this environment.`,
      },
    );
  }
}

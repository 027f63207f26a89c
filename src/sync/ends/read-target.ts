import type { CatalogModel } from '../../catalog/model.ts';
import { readCatalog } from '../../catalog/read-catalog.ts';
import type { Environment } from '../../environments/environment.ts';
import { SyncError } from '../../errors/sync-error.ts';
import type { Database } from '../../postgres/database.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import type { Asker } from '../contract/run.ts';
import { targetEnd } from './connect.ts';

/** A target that is asked many things, on one session after the other's answer: a database may allow few. */
export function askedTarget({ connect }: Asker, environment: Environment): Database {
  return connect(targetEnd(environment), { access: 'write', connections: 1 });
}

/** The catalogue of the target as it is now, on a session of its own that is closed again. */
export async function readTarget(run: Asker, environment: Environment): Promise<CatalogModel> {
  await using database = askedTarget(run, environment);
  return await readTargetOn(database, environment, run);
}

/** The same on a session of this database. */
export async function readTargetOn(
  database: Database,
  environment: Environment,
  options: { readonly signal: AbortSignal },
): Promise<CatalogModel> {
  try {
    return await database.withSession(async (session) => {
      await session.execute('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY', options);
      const model = await readCatalog(
        session,
        { madeAgain: environment, schemas: environment.schemas, withHanging: true },
        options,
      );
      await session.execute('COMMIT', options);
      return model;
    }, options.signal);
  } catch (error) {
    options.signal.throwIfAborted();
    if (error instanceof SyncError && error.code === 'SOURCE_NOT_READABLE')
      throw new SyncError('TARGET_PRIVILEGE', `${error.message} They are in "${environment.name}".`, {
        details: error.details,
      });
    throw databaseError(error, 'target', `Reading the catalogue of "${environment.name}"`);
  }
}

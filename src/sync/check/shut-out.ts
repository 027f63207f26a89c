import type { Environment } from '../../environments/environment.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { serverFact } from '../../postgres/sqlstate.ts';
import type { Asker } from '../contract/run.ts';
import { targetEnd } from '../ends/connect.ts';
import { ownDatabaseName } from '../ends/marker.ts';

/**
 * Why a run could not connect to the database that it makes beside its target; null where it could, as far as can be
 * told. pg_hba.conf and the lists of poolers go by a database's name, and are asked before the server looks whether
 * there is such a database: so a connection to one that is not there tells, and leaves nothing behind.
 */
export async function whyShutOut(
  { connect, signal }: Asker,
  environment: Environment,
): Promise<string | null> {
  const name = ownDatabaseName(environment.database.parts.database, 'sync', 'probe');
  await using database = connect(targetEnd(environment, name), { access: 'write', connections: 1 });
  try {
    await database.withSession(async () => {}, signal);
  } catch (error) {
    signal.throwIfAborted();
    // Everything else is met, and told, where the target itself is opened.
    if (error instanceof SyncError && isForItsName(error))
      return `connections to a database of another name are refused (${serverFact(error.cause)})`;
  }
  return null;
}

/** No entry in pg_hba.conf (28000), or none in the list of a PgBouncer, whose words these are. */
function isForItsName({ sqlState, message }: SyncError): boolean {
  return sqlState === '28000' || /no such database/.test(message);
}

import type { DatabaseUrl } from '../../environments/database-url.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { Database } from '../../postgres/database.ts';
import type { Session } from '../../postgres/session.ts';

/** Databases from which another one can be renamed, in the order in which they are tried. */
const candidates = ['postgres', 'template1'] as const;

/** A session in a third database of the target's server, holding nothing. */
export interface Maintenance extends AsyncDisposable {
  readonly session: Session;
  readonly databaseName: string;
}

/**
 * Opens a session beside the target. Null when the role may connect to none of the databases that every server has:
 * then nothing can be renamed, and only `in-place` is left. Errors of the server or network as such are thrown.
 */
export async function openMaintenance(
  target: DatabaseUrl,
  jobId: string,
  options: { readonly signal: AbortSignal },
): Promise<Maintenance | null> {
  for (const databaseName of candidates) {
    if (databaseName === target.parts.database) continue;
    const database = new Database({
      url: target.withDatabase(databaseName),
      purpose: 'maintenance',
      applicationName: `multiboard-sync ${jobId}`,
      connectionsMax: 1,
    });
    try {
      const session = await database.connect(options);
      return {
        session,
        databaseName,
        [Symbol.asyncDispose]: async () => {
          await session.release();
          await database.close();
        },
      };
    } catch (error) {
      await database.close();
      if (!mayNotConnect(error)) throw error;
    }
  }
  return null;
}

/** No such database, or no right to connect to it: 3D000, 42501, 28000 (pg_hba.conf), 55000 (closed). */
function mayNotConnect(error: unknown): boolean {
  return (
    error instanceof SyncError &&
    ['3D000', '42501', '28000', '55000'].includes(String(error.details['sqlState']))
  );
}

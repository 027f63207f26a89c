import type { Environment } from '../../environments/environment.ts';
import { SyncError } from '../../errors/sync-error.ts';
import type { RunnableObject } from '../../plan/runnable-object.ts';
import { Database } from '../../postgres/database.ts';
import { databaseError } from '../../postgres/sqlstate.ts';

/**
 * Refuses early what would fail late: roles that owners and grants name, and extensions the server does not have.
 * TARGET_ROLE_MISSING, TARGET_EXTENSION_MISSING; each lists all.
 */
export async function checkRoles(
  environment: Environment,
  objects: readonly RunnableObject[],
  extensions: readonly { readonly name: string }[],
  jobId: string,
  options: { readonly signal: AbortSignal },
): Promise<void> {
  const roles = [...new Set(objects.flatMap((object) => object.roles))];
  await using database = new Database({
    url: environment.database,
    purpose: 'target',
    applicationName: `multiboard-sync ${jobId}`,
    connectionsMax: 1,
  });
  const [known] = await database
    .withSession(
      (session) =>
        session.query<{ roles: readonly string[]; extensions: readonly string[] }>(
          `SELECT
  ARRAY(SELECT rolname::text FROM pg_catalog.pg_roles) AS roles,
  ARRAY(SELECT name::text FROM pg_catalog.pg_available_extensions) AS extensions`,
          [],
          options,
        ),
      options.signal,
    )
    .catch((error: unknown) => {
      options.signal.throwIfAborted();
      throw databaseError(error, 'target', `Reading the roles of "${environment.name}"`);
    });
  const missing = (wanted: readonly string[], have: readonly string[] = []): readonly string[] =>
    wanted.filter((name) => !have.includes(name)).sort();
  const missingRoles = missing(roles, known?.roles);
  if (missingRoles.length > 0) {
    throw new SyncError(
      'TARGET_ROLE_MISSING',
      `The server of "${environment.name}" lacks ${missingRoles.length} role(s): ${missingRoles.join(', ')}.`,
      {
        details: { roles: missingRoles },
      },
    );
  }
  const missingExtensions = missing(
    extensions.map(({ name }) => name),
    known?.extensions,
  );
  if (missingExtensions.length > 0) {
    throw new SyncError(
      'TARGET_EXTENSION_MISSING',
      `The server of "${environment.name}" lacks ${missingExtensions.length} extension(s): ${missingExtensions.join(', ')}.`,
      {
        details: { extensions: missingExtensions },
      },
    );
  }
}

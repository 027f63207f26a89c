import type { Config } from '../../config/config.ts';
import type { CallOptions, Queryable } from '../../postgres/session.ts';
import { targetSessions } from './target-facts.ts';
import type { MarkedDatabase, Marker } from './marker.ts';

/**
 * Why a database that we made must be left alone: an environment names it, somebody opened it to connections, or
 * somebody is connected to it. No run closes or drops it then. Null if nobody but us uses it.
 */
export async function whyInUse(
  session: Queryable,
  environments: Config['environments'],
  {
    name,
    marker,
    allowsConnections,
  }: Pick<MarkedDatabase, 'name' | 'allowsConnections'> & {
    readonly marker: Pick<Marker, 'role' | 'opened'>;
  },
  options: CallOptions,
): Promise<string | null> {
  const namedBy = environmentsOn(environments, name);
  if (namedBy.length > 0) return `the environment ${namedBy.map((one) => `"${one}"`).join(', ')} names it`;
  const others = (await targetSessions(session, name, options)).filter(
    ({ application }) => !application.startsWith('multiboard-sync '),
  );
  if (others.length > 0) return `${others.map(({ role }) => `"${role}"`).join(', ')} is connected to it`;
  if (marker.role === 'kept' && allowsConnections && marker.opened !== true)
    return 'somebody opened it to connections';
  return null;
}

/** Environments whose database has this name. Their servers are not compared: the name alone is reason to keep away. */
export function environmentsOn(
  environments: Config['environments'],
  databaseName: string,
): readonly string[] {
  return [...environments].flatMap(([name, { database }]) =>
    database.parts.database === databaseName ? [name] : [],
  );
}

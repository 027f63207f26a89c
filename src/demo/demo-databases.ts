import type { RunningPostgres } from '../embedded/start-postgres.ts';
import { parseDatabaseUrl } from '../environments/database-url.ts';
import { Database } from '../postgres/database.ts';
import { quoteIdentifier } from '../postgres/identifiers.ts';
import { createCatalogue } from './catalogue/create-catalogue.ts';

/** The demo's databases, all on one server: two environments and the service's queue. */
const demoDatabases = ['staging', 'production', 'queue'] as const;
type DemoDatabase = (typeof demoDatabases)[number];

/** As the service is told. The embedded server speaks no TLS. A secret: it holds the password. */
export function demoDatabaseUrl(server: RunningPostgres, database: DemoDatabase): string {
  return `${server.url(database)}?sslmode=disable`;
}

/** Creates the databases and fills the two environments with their catalogues. Abort: stops at the next statement. */
export async function createDemoDatabases(
  server: RunningPostgres,
  parts: number,
  signal: AbortSignal,
): Promise<void> {
  await withSession(server.url(), signal, async (query) => {
    for (const name of demoDatabases) {
      await query(`CREATE DATABASE ${quoteIdentifier(name)} ENCODING 'UTF8' TEMPLATE template0`);
    }
  });
  await Promise.all(
    (['staging', 'production'] as const).map((variant) =>
      withSession(demoDatabaseUrl(server, variant), signal, (query) =>
        createCatalogue({ query }, { variant, parts }),
      ),
    ),
  );
}

async function withSession(
  url: string,
  signal: AbortSignal,
  work: (query: (text: string) => Promise<unknown>) => Promise<void>,
): Promise<void> {
  await using database = new Database({
    url: parseDatabaseUrl('The demo’s address', url),
    side: 'target',
    access: 'maintenance',
    applicationName: 'multiboard-sync demo',
    connectionsMax: 1,
  });
  await database.withSession((session) => work((text) => session.query(text, [], { signal })), signal);
}

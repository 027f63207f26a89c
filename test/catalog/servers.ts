import { privatePostgres, testDatabase, testRole } from '../support/postgres.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { createDatabase, dropSubscriptions, queryOnce } from '../support/postgres-connection.ts';

/** A server on which a test makes databases and roles. */
export interface CatalogServer {
  database(name: string): Promise<TestDatabase>;
  role(name: string): Promise<string>;
}

/** The suite's own, of the newest major. */
export const sharedServer: CatalogServer = {
  database: testDatabase,
  role: async () => (await testRole()).name,
};

/**
 * A server of its own; it and everything in it go when the file ends. Without `binaries` one of the newest major. Its
 * roles have twins on the suite's own server, so that databases can be taken there.
 */
export async function startServer(
  binaries?: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<CatalogServer> {
  const server = await privatePostgres(settings, binaries);
  let count = 0;
  return {
    database: async (what) => {
      count += 1;
      const name = `${what}_${count}`;
      await createDatabase(server.url, name);
      const url = server.urlOf(name);
      return {
        url,
        name,
        query: (sql, values) => queryOnce(url, sql, values) as Promise<never>,
        drop: async () => {
          await dropSubscriptions(server.url, url, name);
          await queryOnce(server.url, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
        },
      };
    },
    role: async () => {
      const { name } = await testRole();
      await queryOnce(server.url, `CREATE ROLE "${name}" LOGIN`);
      return name;
    },
  };
}

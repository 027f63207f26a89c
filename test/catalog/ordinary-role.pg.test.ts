import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareModels } from '../../src/catalog/compare.ts';
import { lacks } from '../support/lacks.ts';
import { testDatabase, testRole } from '../support/postgres.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { dropAll, fixtureDatabase, modelOf, restoredByUs } from './oracle.ts';
import type { CatalogServer } from './servers.ts';

/** The owner of a database on a managed server: no superuser, not even able to read every catalog. */
describe.skipIf(lacks('client-tools'))('an ordinary role', () => {
  const databases: TestDatabase[] = [];
  let server: CatalogServer;

  beforeAll(async () => {
    const role = await testRole();
    server = {
      role: () => Promise.resolve(role.name),
      database: async (name) => {
        const database = await testDatabase(name);
        databases.push(database);
        await database.query(`ALTER DATABASE "${database.name}" OWNER TO "${role.name}"`);
        const url = new URL(database.url);
        url.username = role.name;
        url.password = role.password;
        return { ...database, url: url.href };
      },
    };
  });

  afterAll(async () => {
    for (const database of databases) await database.drop();
  });

  it.each(['partitions', 'loops', 'names'])('reads, makes and drops its own %s', async (fixture) => {
    const source = await fixtureDatabase(`one-of-everything/${fixture}`, {}, server);
    const model = await modelOf(source.url);
    expect(model.unsupported).toEqual([]);
    const ours = await restoredByUs(model, source, server);
    const copied = await modelOf(ours.url);
    expect(compareModels(model, copied, { owners: true, privileges: true })).toEqual([]);
    await dropAll(ours.url, copied);
    expect((await modelOf(ours.url)).objects).toEqual([]);
  });

  it('sees what it may not read', async () => {
    const database = await server.database('foreign');
    const [superuser] = databases.slice(-1);
    await superuser?.query(
      `CREATE FOREIGN DATA WRAPPER w; CREATE SERVER "S" FOREIGN DATA WRAPPER w;
       CREATE USER MAPPING FOR CURRENT_USER SERVER "S" OPTIONS (password 'secret'); SELECT lo_create(0)`,
    );
    const { unsupported, withheld } = await modelOf(database.url);
    expect(unsupported.map(({ identity }) => identity)).toEqual([]);
    expect(withheld).toEqual([
      { kind: 'user mapping', identity: 'options of user mapping for postgres on server "S"' },
    ]);
  });
});

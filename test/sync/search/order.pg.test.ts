import { beforeAll, describe, expect, test } from 'vitest';
import { parseDatabaseUrl } from '../../../src/environments/database-url.ts';
import { Database } from '../../../src/postgres/database.ts';
import { collectionsRead } from '../../../src/sync/search/reads-tables.ts';
import { testDatabase } from '../../support/postgres.ts';
import type { TestDatabase } from '../../support/postgres.ts';

/** While kept rows are carried over, their writers wait; a search that does not read them is built before. */
let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase('search_order');
  await database.query(`
    CREATE TABLE "Part" (id text PRIMARY KEY);
    CREATE TABLE "List" (id text PRIMARY KEY, "partId" text);
    CREATE VIEW over_list AS SELECT id, "partId" FROM "List";
    CREATE VIEW over_view AS SELECT "partId" FROM over_list;
    CREATE MATERIALIZED VIEW summary AS SELECT count(*) AS parts FROM "Part";
    CREATE FUNCTION lists() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM public."List"'`);
});

async function reads(query: string): Promise<boolean> {
  await using pool = new Database({
    url: parseDatabaseUrl('test', database.url),
    side: 'target',
    access: 'write',
    applicationName: 'multiboard-sync test',
    connectionsMax: 1,
  });
  const fields = [{ name: 'id', type: 'string' as const }];
  return await pool.withSession((session) =>
    collectionsRead(
      session,
      {
        collections: [{ name: 'a', query, fields }],
        schema: 'public',
        tables: [{ schema: 'public', name: 'List' }],
      },
      { signal: new AbortController().signal },
    ),
  );
}

describe('what a collection reads', () => {
  test.each([
    ['another table', `SELECT json_build_object('id', id) AS document FROM {schema}."Part"`, false],
    ['the table', `SELECT json_build_object('id', id) AS document FROM {schema}."List"`, true],
    [
      'a view over a view over the table',
      `SELECT json_build_object('id', "partId") AS document FROM public.over_view`,
      true,
    ],
    [
      'a sub-query',
      `SELECT json_build_object('id', id, 'n', (SELECT count(*) FROM {schema}."List")) AS document FROM {schema}."Part"`,
      true,
    ],
    [
      'a function that might',
      `SELECT json_build_object('id', id, 'n', public.lists()) AS document FROM {schema}."Part"`,
      true,
    ],
    [
      'a materialized view, refreshed after the kept rows',
      `SELECT json_build_object('id', parts::text) AS document FROM public.summary`,
      true,
    ],
  ])('%s', async (_name, query, expected) => {
    expect(await reads(query)).toBe(expected);
  });

  test('leaves nothing behind', async () => {
    const left = await database.query(
      `SELECT relname FROM pg_class WHERE relname LIKE 'multiboard_sync_query%'`,
    );
    expect(left).toEqual([]);
  });
});

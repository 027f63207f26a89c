import { expect, test } from 'vitest';
import { createMultiboard } from './multiboard.ts';
import { testDatabase } from './postgres.ts';
import type { TestDatabase } from './postgres.ts';

const digest = `SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) AS digest FROM "Part" AS t`;

async function catalogue(options: Parameters<typeof createMultiboard>[1]): Promise<TestDatabase> {
  const database = await testDatabase('multiboard');
  await createMultiboard(database.url, options);
  return database;
}

test('the same input makes the same rows', async () => {
  const [first, second] = await Promise.all([catalogue({ parts: 200 }), catalogue({ parts: 200 })]);
  expect(await first.query(digest)).toEqual(await second.query(digest));
});

test('five attribute rows a part, and no table of the catalogue is empty', async () => {
  const database = await catalogue({ parts: 1000 });
  const [counts] = await database.query<{ parts: number; links: number }>(
    `SELECT (SELECT count(*)::int FROM "Part") AS parts, (SELECT count(*)::int FROM "_AttributeValueToPart") AS links`,
  );
  expect(counts!.parts).toBe(1000);
  expect(counts!.links).toBeGreaterThan(4700);
  const empty = await database.query(
    `SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND reltuples < 1`,
  );
  expect(empty.map((row) => String(row['relname'])).toSorted()).toEqual(['ProfileMeta', 'UndoOperation']);
});

test('production is older, has people of its own, and their lists hold parts that staging has too', async () => {
  const staging = await catalogue({ parts: 500 });
  const production = await catalogue({ parts: 500, variant: 'production' });
  const ids = async (database: TestDatabase, sql: string): Promise<Set<unknown>> =>
    new Set((await database.query(sql)).map((row) => row['id']));
  const newer = await ids(staging, 'SELECT "id" FROM "Part"');
  const older = await ids(production, 'SELECT "id" FROM "Part"');
  expect([...newer].filter((id) => !older.has(id))).toHaveLength(10);
  expect([...older].filter((id) => !newer.has(id))).toHaveLength(5);
  const listed = await ids(production, 'SELECT DISTINCT "partId" AS id FROM "ListPart"');
  expect(listed.size).toBeGreaterThan(100);
  expect([...listed].filter((id) => !newer.has(id))).toEqual([]);
});

test('it fits into a schema of another name, and the awkward values arrive as they are', async () => {
  const database = await catalogue({ parts: 100, schema: 'multiboard' });
  const [row] = await database.query(
    `SELECT (SELECT "text" FROM multiboard."AwkwardValue" WHERE "id" = 1) AS null_text,
            (SELECT "text" FROM multiboard."AwkwardValue" WHERE "id" = 5) AS end_mark,
            (SELECT "bigint" FROM multiboard."AwkwardValue" WHERE "id" = 20) AS big,
            (SELECT length("bytea") FROM multiboard."AwkwardValue" WHERE "id" = 31) AS bytes,
            to_regclass('public."Part"') AS elsewhere`,
  );
  expect(row).toEqual({
    null_text: 'NULL',
    end_mark: 'before\n\\.\nafter',
    big: '9007199254740993',
    bytes: 256,
    elsewhere: null,
  });
});

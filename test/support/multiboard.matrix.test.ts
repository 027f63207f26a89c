import { expect, test } from 'vitest';
import { createMultiboard } from './multiboard.ts';
import { otherMajors } from './other-majors.ts';
import { privatePostgres, testDatabase } from './postgres.ts';
import { queryOnce } from './postgres-connection.ts';

const digest = `SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) AS digest FROM "Part" AS t`;

test.each(otherMajors())('PostgreSQL $major takes it and makes the same rows', async ({ binaries }) => {
  const server = await privatePostgres({}, binaries);
  await createMultiboard(server.url, { parts: 200 });
  const newest = await testDatabase('multiboard');
  await createMultiboard(newest.url, { parts: 200 });
  expect(await queryOnce(server.url, digest)).toEqual(await newest.query(digest));
  await server.stop();
});

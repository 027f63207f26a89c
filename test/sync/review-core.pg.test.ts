import { expect, test } from 'vitest';
import { parseDatabaseUrl } from '../../src/environments/database-url.ts';
import { Database } from '../../src/postgres/database.ts';
import { serverFact } from '../../src/postgres/sqlstate.ts';
import { testDatabase } from '../support/postgres.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { createBench, failure } from './bench.ts';

let words: Promise<TestDatabase> | null = null;

test('a function of the databases’ own does not get its words into an error by its choice of code', async () => {
  const bench = await createBench();
  await bench.source.query(`
    CREATE FUNCTION public.judge(q text) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS $$
      BEGIN
        IF current_database() LIKE '%source%' THEN RETURN true; END IF;
        RAISE EXCEPTION 'row says %', q USING ERRCODE = 'insufficient_privilege';
      END $$;
    CREATE TABLE public.judged (q text CHECK (public.judge(q)));
    INSERT INTO public.judged VALUES ('my secret');
  `);
  const error = await failure(bench.sync('replace'));
  expect(JSON.stringify([error.message, error.details])).not.toContain('secret');
  expect(error.message).toContain('permission was denied (SQLSTATE 42501)');
});

test.each([
  ["SELECT pg_catalog.to_tsquery('simple', 'my secret')", 'a syntax error (SQLSTATE 42601)'],
  ["SELECT v::pg_catalog.regclass FROM (VALUES ('secret'::text)) AS t (v)", 'a relation does not exist'],
  ["SELECT 'secret'::pg_catalog.regclass", 'a relation does not exist (SQLSTATE 42P01)'],
  ["SELECT v::text::pg_catalog.regtype FROM (VALUES ('secret')) AS t (v)", 'an object does not exist'],
  ["SELECT v::text::pg_catalog.regclass FROM (VALUES ('a b secret')) AS t (v)", 'a name is malformed'],
  ["DO $$ BEGIN RAISE 'secret' USING ERRCODE = 'undefined_table'; END $$", 'a relation does not exist'],
  ['SELECT * FROM public.nowhere', 'relation "public.nowhere" does not exist (SQLSTATE 42P01)'],
  ['SELECT nothing FROM pg_catalog.pg_class', 'column "nothing" does not exist (SQLSTATE 42703)'],
  ['SELECT public.nothing(1)', 'function public.nothing(integer) does not exist (SQLSTATE 42883)'],
])('of %s: %s', async (sql, fact) => {
  const { url } = await (words ??= testDatabase('words'));
  await using database = new Database({
    url: parseDatabaseUrl('DATABASE_URL', url),
    purpose: 'target',
    applicationName: 'review',
    connectionsMax: 1,
  });
  const error: unknown = await database
    .withSession((session) => session.execute(sql))
    .catch((thrown: unknown) => thrown);
  expect(serverFact(error)).toContain(fact);
  expect(serverFact(error)).not.toContain('secret');
});

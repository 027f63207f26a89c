import { describe, expect, it, test } from 'vitest';
import type { ObjectKind, Section } from '../../../src/catalog/model.ts';
import { runObject } from '../../../src/sync/load/run-objects.ts';
import { parseDatabaseUrl } from '../../../src/environments/database-url.ts';
import { Database } from '../../../src/postgres/database.ts';
import { serverFact } from '../../../src/postgres/sqlstate.ts';
import { withSession } from '../../catalog/oracle.ts';
import { testDatabase } from '../../support/postgres.ts';
import { createBench } from '../../harness/environment-pair.ts';
import { failure } from '../../harness/failure.ts';
import { runnable } from '../../harness/runnable.ts';

async function messageOf(kind: ObjectKind, section: Section, sql: string): Promise<string> {
  const database = await testDatabase('words');
  await database.query('CREATE EXTENSION postgres_fdw; CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw');
  const error = await withSession(database.url, 'target', async (session) =>
    runObject(session, runnable({ kind, section, sql }), {}).catch((thrown: unknown) => thrown),
  );
  await database.drop();
  return error instanceof Error ? error.message : 'nothing was thrown';
}

describe('what the server says about a statement it refuses', () => {
  it('is passed on where no row can be in it', async () => {
    expect(
      await messageOf('collation', 'pre-data', `CREATE COLLATION public.c (LOCALE = 'xx_NONE.UTF-8')`),
    ).toContain(
      'Creating collation x: could not create locale "xx_NONE.UTF-8": No such file or directory (SQLSTATE 22023).',
    );
    expect(
      await messageOf(
        'text search dictionary',
        'pre-data',
        'CREATE TEXT SEARCH DICTIONARY public.d (TEMPLATE = ispell)',
      ),
    ).toContain('missing AffFile parameter');
  });

  it('is not where a row may be', async () => {
    const sql = `DO $$BEGIN PERFORM 'planted value'::integer; END$$`;
    expect(await messageOf('index', 'post-data', sql)).toBe(
      'Creating index x: a value is not valid for its type (SQLSTATE 22P02).',
    );
  });

  it('is not where a password may be', async () => {
    const sql = `CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS (password_required 'planted secret')`;
    const message = await messageOf('user mapping', 'pre-data', sql);
    expect(message).toMatch(/^Creating user mapping x: .* \(SQLSTATE \w{5}\)\.$/);
    expect(message).not.toContain('planted');
  });
});

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

const words = testDatabase('words');

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
  const { url } = await words;
  await using database = new Database({
    url: parseDatabaseUrl('DATABASE_URL', url),
    side: 'target',
    access: 'write',
    applicationName: 'words',
    connectionsMax: 1,
  });
  const error: unknown = await database
    .withSession((session) => session.execute(sql))
    .catch((thrown: unknown) => thrown);
  expect(serverFact(error)).toContain(fact);
  expect(serverFact(error)).not.toContain('secret');
});

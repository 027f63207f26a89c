import { expect, test } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import type { SyncError } from '../../../src/errors/sync-error.ts';
import { connected } from '../../harness/applications.ts';
import { createBench } from '../../harness/environment-pair.ts';
import type { Bench } from '../../harness/environment-pair.ts';
import { readers } from '../../harness/readers.ts';
import { testRole } from '../../support/postgres.ts';

const ofPublic = (config: Config): Config => ({
  ...config,
  environments: new Map(
    [...config.environments].map(([name, one]) => [name, { ...one, schemas: ['public'] }]),
  ),
});

/** Each row takes a moment to be loaded: the time in which others go on with the live objects. */
const slow = `CREATE FUNCTION slow(int) RETURNS bool IMMUTABLE LANGUAGE plpgsql AS
  'BEGIN PERFORM pg_sleep(0.02); RETURN true; END';
  CREATE TABLE slowly (id int PRIMARY KEY, CHECK (slow(id))); INSERT INTO slowly SELECT generate_series(1, 75)`;

/** Starts something when the rows begin to be loaded; resolves, when both have ended, to what the run ended with. */
async function atLoad(bench: Bench, work: () => Promise<unknown>): Promise<unknown> {
  const begun: Promise<unknown>[] = [];
  const ended = await bench
    .sync(
      'in-place',
      {},
      {
        onStep: (step) => {
          if (step === 'load' && begun.length === 0) begun.push(work());
        },
      },
    )
    .catch((error: unknown) => error);
  expect(begun).toHaveLength(1);
  await Promise.all(begun);
  return ended;
}

test('whatever others say of objects that go ends the run, and none of it is lost', async () => {
  const { name: role } = await testRole();
  const bench = await createBench({ policies: { kept: 'preserve' }, change: ofPublic });
  const schema = `CREATE TABLE kept (id int PRIMARY KEY, v int DEFAULT 1); CREATE TABLE t (id int PRIMARY KEY);
    CREATE SEQUENCE s;
    CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE VIEW w AS SELECT * FROM t; CREATE VIEW x AS SELECT * FROM t; CREATE VIEW shown AS SELECT * FROM t;
    GRANT SELECT ON x TO "${role}"; CREATE COLLATION c (provider = libc, locale = 'C');`;
  await bench.source.query(`${schema}${slow}`);
  await bench.target.query(`${schema} CREATE TYPE mood AS ENUM ('a'); COMMENT ON TYPE mood IS 'x'`);
  const changes: readonly (readonly [sql: string, words: string])[] = [
    [`COMMENT ON FUNCTION f() IS 'changed'`, 'comment on function public.f()'],
    [`COMMENT ON TABLE kept IS 'new'`, 'comment on table public.kept'],
    [`COMMENT ON TYPE mood IS NULL`, 'comment on enum public.mood'],
    [`COMMENT ON COLLATION c IS 'new'`, 'comment on collation public.c'],
    [`GRANT SELECT ON w TO "${role}"`, 'privileges on table public.w'],
    [`GRANT INSERT ON t TO "${role}"`, 'privileges on table public.t'],
    [`GRANT INSERT (v) ON kept TO "${role}"`, 'privileges on table public.kept'],
    [`GRANT EXECUTE ON FUNCTION g() TO "${role}"`, 'privileges on function public.g()'],
    [`REVOKE ALL ON x FROM "${role}"`, 'privileges on table public.x'],
    [`ALTER VIEW shown OWNER TO "${role}"`, 'owner of view public.shown'],
    ['ALTER TABLE kept REPLICA IDENTITY FULL', 'table public.kept'],
  ];
  const error = await atLoad(bench, async () => {
    for (const [sql] of changes) await bench.target.query(sql);
    await bench.target.query(`SELECT setval('s', 500)`);
  });
  expect(error).toMatchObject({ code: 'CONFLICT_TARGET_CHANGED' });
  const { objects } = (error as SyncError).details as { objects: readonly string[] };
  expect(objects.toSorted()).toEqual(changes.map(([, words]) => words).toSorted());
  const [state] = await bench.target.query(
    `SELECT obj_description('f'::regproc) AS f, has_table_privilege('${role}', 'x', 'SELECT') AS x`,
  );
  expect(state).toEqual({ f: 'changed', x: false });
});

const held: readonly (readonly [what: string, sql: string, words: RegExp])[] = [
  [
    'an object',
    `COMMENT ON FUNCTION f() IS 'x'`,
    /pid \d+ \(postgres, an application\) on function public\.f\(\)/,
  ],
  [
    'a row of the catalogue',
    'ALTER FUNCTION f() COST 5',
    /changes one of them; those .*: pid \d+ \(postgres, an application\)\./,
  ],
];

test.each(held)(
  'nobody waits behind the run for %s that others hold, and they are named',
  async (_, sql, words) => {
    const bench = await createBench({
      change: (config) => ({ ...ofPublic(config), sync: { ...config.sync, lockWaitSeconds: 2 } }),
    });
    const schema = `CREATE TABLE a (id int PRIMARY KEY); INSERT INTO a VALUES (1);
    CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';`;
    await bench.source.query(`${schema}${slow}`);
    await bench.target.query(schema);
    const holder = await connected(bench.target.url);
    const stop = await readers(bench.target.url, ['SELECT count(*) FROM a']);
    const error = await atLoad(bench, () => holder.query(`BEGIN; ${sql}`));
    const { errors, longestMs } = await stop();
    expect(error).toMatchObject({ code: 'CONFLICT_TARGET_IN_USE', message: expect.stringMatching(words) });
    expect(errors).toEqual([]);
    expect(longestMs).toBeLessThan(1_000);
    await holder.query('ROLLBACK');
  },
);

import { expect, test } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import { connected } from '../../harness/applications.ts';
import { createBench, expectEqual } from '../../harness/environment-pair.ts';
import { failure } from '../../harness/failure.ts';
import { readers } from '../../harness/readers.ts';

/** Views over views, a table with partitions, numbers that are taken before their rows are written. */
const schema = (rows: number, price: number): string => `
CREATE TABLE part (id serial PRIMARY KEY, name text NOT NULL, price int NOT NULL);
CREATE TABLE stock (part int NOT NULL REFERENCES part, n int NOT NULL);
CREATE TABLE moved (id int NOT NULL, year int NOT NULL) PARTITION BY RANGE (year);
-- Its name comes before its parent's, and readers lock the parent first.
CREATE TABLE a_moved_2024 PARTITION OF moved FOR VALUES FROM (2024) TO (2025);
CREATE TABLE base (id int);
CREATE TABLE a_child () INHERITS (base);
CREATE VIEW overview AS SELECT p.id, p.name, s.n FROM part AS p JOIN stock AS s ON s.part = p.id;
CREATE VIEW much AS SELECT * FROM overview WHERE n > 3;
CREATE MATERIALIZED VIEW dear AS SELECT * FROM part WHERE price > 10;
CREATE TABLE note (id bigint PRIMARY KEY, text text);
CREATE SEQUENCE note_numbers OWNED BY note.id;
INSERT INTO part (name, price) SELECT 'part ' || n, n * ${price} FROM generate_series(1, ${rows}) AS n;
INSERT INTO stock SELECT id, id % 7 FROM part;
INSERT INTO moved SELECT n, 2024 FROM generate_series(1, 20) AS n;
INSERT INTO a_child SELECT generate_series(1, 20);
REFRESH MATERIALIZED VIEW dear;`;

const questions = [
  'SELECT count(*) FROM much',
  'SELECT count(*) FROM part JOIN stock ON stock.part = part.id',
  'SELECT count(*) FROM stock JOIN part ON stock.part = part.id',
  'SELECT count(*) FROM overview, (SELECT count(*) FROM moved) AS m',
  'SELECT count(*) FROM dear JOIN overview USING (id)',
  'SELECT count(*) FROM base, (SELECT max(id) FROM part) AS p',
];

test('twenty readers of tables and views wait for a run in place, and none meets a deadlock', async () => {
  const bench = await createBench();
  await bench.source.query(schema(300, 2));
  await bench.target.query(schema(250, 1));
  // Frameworks take the number of a row first, and write the row later in the same transaction.
  const stop = await readers(bench.target.url, questions, [
    `SELECT nextval('note_numbers')`,
    'SELECT count(*) FROM note',
  ]);
  await bench.sync('in-place');
  await bench.sync('in-place');
  const { errors, answers } = await stop();
  expect(errors).toEqual([]);
  expect(answers).toBeGreaterThan(100);
  // The readers have taken numbers since.
  await bench.target.query(`SELECT setval('note_numbers', 1, false)`);
  await expectEqual(bench);
});

test('in a run about some schemas they wait for its last moment alone, writers of kept tables hardly longer', async () => {
  const policies = { note: 'preserve' } as const;
  const own = (config: Config): Config => ({
    ...config,
    environments: new Map(
      [...config.environments].map(([name, one]) => [name, { ...one, schemas: ['public'] }]),
    ),
  });
  const bench = await createBench({ policies, change: own });
  // Each row takes a moment to be loaded, so that whoever waited for all of it would be seen.
  const slow = `CREATE FUNCTION slow(int) RETURNS bool IMMUTABLE LANGUAGE plpgsql AS
    'BEGIN PERFORM pg_sleep(0.01); RETURN EXISTS (SELECT FROM public.marks); END';
    CREATE TABLE marks (id int); INSERT INTO marks VALUES (1);
    CREATE TABLE slowly (id int PRIMARY KEY, CHECK (slow(id))); INSERT INTO slowly SELECT generate_series(1, 200)`;
  await bench.source.query(`${schema(300, 2)}; ${slow}`);
  await bench.target.query(schema(250, 1));
  const [before] = await bench.target.query<{ oid: string }>(
    `SELECT 'public'::regnamespace::oid::text AS oid`,
  );
  const stop = await readers(bench.target.url, questions, [
    `INSERT INTO note SELECT nextval('note_numbers'), 'written meanwhile'`,
  ]);
  const started = performance.now();
  const receipt = await bench.sync('in-place');
  const tookMs = performance.now() - started;
  const { errors, longestMs } = await stop();
  expect(errors).toEqual([]);
  expect(tookMs - longestMs).toBeGreaterThan(2_000);
  const [after] = await bench.target.query(
    `SELECT 'public'::regnamespace::oid::text AS oid, (SELECT count(*)::int FROM slowly) AS slowly,
      (SELECT max(id)::int FROM note) AS last, nextval('note_numbers')::int AS next,
      ARRAY(SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 'multiboard%') AS left`,
  );
  expect(after).toMatchObject({ oid: before?.oid, slowly: 200, left: [] });
  expect(after?.['next']).toBe(Number(after?.['last']) + 1);
  const [{ n }] = (await bench.target.query<{ n: number }>('SELECT count(*)::int AS n FROM note')) as [
    { n: number },
  ];
  await bench.rollback(receipt.jobId);
  const [undone] = await bench.target.query<{ n: number; slowly: string | null; price: number }>(
    `SELECT (SELECT count(*)::int FROM note) AS n, to_regclass('slowly') AS slowly,
      (SELECT max(price) FROM part) AS price`,
  );
  expect(undone).toEqual({ n, slowly: null, price: 250 });
});

test('who does not let go of a view is named, and nobody waits behind the run for longer than a try', async () => {
  const bench = await createBench({
    change: (config) => ({ ...config, sync: { ...config.sync, lockWaitSeconds: 2 } }),
  });
  await bench.source.query(schema(10, 2));
  await bench.target.query(schema(10, 1));
  const holder = await connected(bench.target.url, 'BEGIN; SELECT count(*) FROM dear');
  const reader = await connected(bench.target.url);
  const over = new AbortController();
  const waits: number[] = [];
  const asking = (async () => {
    while (!over.signal.aborted) {
      const started = performance.now();
      await reader.query('SELECT count(*) FROM much, (SELECT count(*) FROM dear) AS d');
      waits.push(performance.now() - started);
    }
  })();
  const error = await failure(bench.sync('in-place'));
  over.abort();
  await asking;
  expect(error.code).toBe('CONFLICT_TARGET_IN_USE');
  expect(error.message).toMatch(
    /in 2 s of short tries: .*pid \d+ \(postgres, an application\) on public\.dear/,
  );
  // Nothing holds it back but one try, on a machine that does other things as well.
  expect(Math.max(...waits)).toBeLessThan(400);
  await holder.query('COMMIT');
  await bench.sync('in-place');
  await expectEqual(bench);
});

test('a type that is the same stays, so prepared statements that know it live on; one that changes comes anew', async () => {
  const types = (extra: string): string => `CREATE TYPE mood AS ENUM ('sad', 'glad');
    COMMENT ON TYPE mood IS 'of people'; CREATE DOMAIN positive AS int CHECK (VALUE > 0);
    CREATE TYPE pair AS (m mood, p positive); CREATE TYPE size AS ENUM ('s'${extra});
    CREATE TABLE item (id int, m mood DEFAULT 'sad', p positive, pair pair, size size);
    CREATE FUNCTION same(mood) RETURNS mood LANGUAGE sql AS 'SELECT $1';`;
  const row = (id: number): string => `INSERT INTO item VALUES (${id}, 'glad', 1, ROW('sad', 2), 's')`;
  for (const schemas of [null, ['public']]) {
    const bench = await createBench({
      change: (config) => ({
        ...config,
        environments: new Map([...config.environments].map(([name, one]) => [name, { ...one, schemas }])),
      }),
    });
    await bench.source.query(`${types(", 'l'")} ${row(2)}`);
    await bench.target.query(`${types('')} ${row(1)}`);
    const client = await connected(bench.target.url);
    const ask = async (): Promise<unknown> => {
      const one = await client.query({ name: 'one', text: 'SELECT id, m, p, pair FROM item' });
      const two = await client.query({
        name: 'two',
        text: 'SELECT same(m) AS m FROM item WHERE m = $1',
        values: ['glad'],
      });
      return [one.rows, two.rows];
    };
    const seen = (id: number): unknown => [[{ id, m: 'glad', p: 1, pair: '(sad,2)' }], [{ m: 'glad' }]];
    expect(await ask()).toEqual(seen(1));
    const receipt = await bench.sync('in-place');
    expect(await ask()).toEqual(seen(2));
    await expectEqual(bench);
    await bench.rollback(receipt.jobId);
    expect(await ask()).toEqual(seen(1));
    expect(await bench.target.query('SELECT enum_range(NULL::size)::text AS sizes')).toEqual([
      { sizes: '{s}' },
    ]);
  }
});

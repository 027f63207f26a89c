import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Client } from 'pg';
import { connected } from '../../harness/applications.ts';
import { createBench, expectEqual } from '../../harness/environment-pair.ts';
import { failure } from '../../harness/failure.ts';

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
CREATE SEQUENCE note_numbers;
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

interface Asked {
  readonly errors: readonly string[];
  readonly answers: number;
}

/** Twenty clients that ask all the time, every second one with prepared statements, every fifth in transactions. */
async function readers(url: string): Promise<() => Promise<Asked>> {
  const errors: string[] = [];
  let answers = 0;
  const over = new AbortController();
  const ask = async (client: Client, index: number): Promise<void> => {
    for (let turn = index; !over.signal.aborted; turn += 1) {
      const number = turn % questions.length;
      const text = questions[number] ?? '';
      try {
        if (index % 5 === 0) {
          await client.query('BEGIN');
          await client.query(text);
          await client.query(questions[(number + 1) % questions.length] ?? '');
          // Frameworks take the number of a row first, and write the row later in the same transaction.
          await client.query(`SELECT nextval('note_numbers')`);
          await client.query('SELECT count(*) FROM note');
          await client.query('COMMIT');
        } else await client.query(index % 2 === 0 ? { name: `q${number}`, text } : text);
        answers += 1;
      } catch (error) {
        errors.push(`${(error as { code?: string }).code ?? ''} ${(error as Error).message}`);
        await client.query('ROLLBACK').catch(() => {});
      }
      await delay(10);
    }
  };
  const clients = await Promise.all(Array.from({ length: 20 }, () => connected(url)));
  const asking = clients.map(ask);
  return async () => {
    over.abort();
    await Promise.all(asking);
    return { errors, answers };
  };
}

test('twenty readers of tables and views wait for a run in place, and none meets a deadlock', async () => {
  const bench = await createBench();
  await bench.source.query(schema(300, 2));
  await bench.target.query(schema(250, 1));
  const stop = await readers(bench.target.url);
  await bench.sync('in-place');
  await bench.sync('in-place');
  const { errors, answers } = await stop();
  expect(errors).toEqual([]);
  expect(answers).toBeGreaterThan(100);
  // The readers have taken numbers since.
  await bench.target.query(`SELECT setval('note_numbers', 1, false)`);
  await expectEqual(bench);
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

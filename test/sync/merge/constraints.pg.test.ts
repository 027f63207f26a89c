import { Client } from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Receipt } from '../../../src/sync/contract/receipts.ts';
import { createBench, failsAndChangesNothing } from '../../harness/environment-pair.ts';
import type { Bench } from '../../harness/environment-pair.ts';
import { failure } from '../../harness/failure.ts';

const merge = (bench: Bench): Promise<Receipt> => bench.sync('merge');

const definitions = `
  CREATE TABLE pos (id int PRIMARY KEY, at int, UNIQUE (at) DEFERRABLE INITIALLY IMMEDIATE);
  CREATE TABLE line (id int PRIMARY KEY, part int, at numeric, UNIQUE (part, at) DEFERRABLE INITIALLY DEFERRED);
  CREATE TABLE "Slot" (id int PRIMARY KEY, span int4range, CONSTRAINT "no two" EXCLUDE USING gist (span WITH &&) WHERE (id > 0) DEFERRABLE);
  CREATE TABLE word (id int PRIMARY KEY, w text COLLATE "C", n int, UNIQUE NULLS NOT DISTINCT (w, n) DEFERRABLE);
  CREATE TABLE loose (id int PRIMARY KEY, n int UNIQUE DEFERRABLE);
  CREATE TABLE tree (id int, y int, v text, UNIQUE (id, y) DEFERRABLE) PARTITION BY LIST (y);
  CREATE TABLE tree24 PARTITION OF tree FOR VALUES IN (24);
  INSERT INTO pos SELECT i, i FROM generate_series(1, 3) AS i;
`;

/** What the target alone has, and what somebody adds after the merge has taken it away. */
const meanwhile: readonly (readonly [name: string, own: string, added: string])[] = [
  ['public.pos', 'pos VALUES (20, 50)', 'pos VALUES (99, 50)'],
  ['public.line', 'line VALUES (1, 1, 1.0)', 'line VALUES (2, 1, 1.00)'],
  ['public.Slot', `"Slot" VALUES (1, '[1,5)')`, `"Slot" VALUES (2, '[4,9)')`],
  ['public.word', `word VALUES (1, 'a', NULL)`, `word VALUES (2, 'a', NULL)`],
  ['public.tree24', `tree VALUES (1, 24, 'a')`, `tree VALUES (1, 24, 'b')`],
];

describe('constraints that the server checks by triggers', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await createBench();
    await bench.source.query(definitions);
    await bench.target.query(definitions);
    for (const [, own] of meanwhile) await bench.target.query(`INSERT INTO ${own}`);
    // Values change places; NULLs are not each other's equal, nor is a row outside the condition.
    await bench.source.query(`UPDATE pos SET at = 4 - at; INSERT INTO "Slot" VALUES (-1, '[1,9)')`);
    await bench.target.query('INSERT INTO loose VALUES (1, NULL)');
  });

  it('does not commit an undo that would break a deferrable one, and says which', async () => {
    const before = await bench.target.query('SELECT * FROM pos ORDER BY id');
    const receipt = await merge(bench);
    expect(await bench.target.query('SELECT * FROM pos ORDER BY id')).toEqual([
      { id: 1, at: 3 },
      { id: 2, at: 2 },
      { id: 3, at: 1 },
    ]);
    for (const [, , added] of meanwhile) await bench.target.query(`INSERT INTO ${added}`);
    await bench.target.query('INSERT INTO loose VALUES (2, NULL)');
    const error = await failsAndChangesNothing(bench.target, () => bench.rollback(receipt.jobId));
    expect(error.code).toBe('CONFLICT_UNDO_CHANGED');
    for (const [name] of meanwhile)
      expect(error.message).toContain(`1 row(s) of ${name} would stand against others`);
    await bench.target
      .query(`DELETE FROM pos WHERE id = 99; DELETE FROM line; DELETE FROM "Slot" WHERE id = 2;
      DELETE FROM word; DELETE FROM tree`);
    await bench.rollback(receipt.jobId);
    expect(await bench.target.query('SELECT * FROM pos ORDER BY id')).toEqual(before);
    expect(
      await bench.target.query(
        'SELECT (SELECT count(*)::int FROM "Slot") AS slots, (SELECT count(*)::int FROM loose) AS loose',
      ),
    ).toEqual([{ slots: 1, loose: 2 }]);
  });
});

describe('foreign keys of trees of which a part is kept', () => {
  it('refuses to leave rows that refer to nothing, whoever wrote them during the comparison', async () => {
    const bench = await createBench({ policies: { o24: 'preserve', plain: 'preserve', base: 'preserve' } });
    const trees = `CREATE TABLE cust (id int PRIMARY KEY); INSERT INTO cust VALUES (1);
      CREATE TABLE o (id int, y int, cust int REFERENCES cust) PARTITION BY LIST (y);
      CREATE TABLE o24 PARTITION OF o FOR VALUES IN (24); CREATE TABLE o25 PARTITION OF o FOR VALUES IN (25);
      CREATE TABLE plain (id int, cust int REFERENCES cust); CREATE TABLE child () INHERITS (plain);
      CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE heir (PRIMARY KEY (id)) INHERITS (parent);
      CREATE TABLE base (id int REFERENCES parent); INSERT INTO parent VALUES (1);
      INSERT INTO heir VALUES (9); INSERT INTO child VALUES (1, 1)`;
    await bench.source.query(`${trees}; INSERT INTO o VALUES (1, 25, 1)`);
    await bench.target.query(`${trees}; INSERT INTO cust VALUES (7), (8); INSERT INTO parent VALUES (9)`);
    for (const [written, name] of [
      ['o24 VALUES (5, 24, 7)', 'public.o'],
      ['plain VALUES (5, 7)', 'public.plain'],
      // A row of the same number in a table that inherits from it is not what a key refers to.
      ['base VALUES (9)', 'public.base'],
    ] as const) {
      let added: Promise<unknown> | undefined;
      const onStep = (step: string): void => {
        if (step === 'compare') added ??= bench.target.query(`INSERT INTO ${written}`);
      };
      const error = await failure(bench.sync('merge', {}, { onStep }));
      await added;
      expect([error.code, error.message]).toEqual([
        'TARGET_KEPT_TABLE',
        expect.stringContaining(`1 row(s) of ${name} refer by`),
      ]);
      await bench.target.query('DELETE FROM o24; DELETE FROM ONLY plain; DELETE FROM base');
    }
    // Rows without a key of their own stay what they are: a child's do not count as its parent's.
    await bench.target.query('INSERT INTO child VALUES (2, 2)');
    await merge(bench);
    expect(await bench.target.query('SELECT id FROM cust')).toEqual([{ id: 1 }]);
  });
});

describe('materialized views', () => {
  it('are refreshed where they read what changed, and no reader of one waits behind another', async () => {
    const bench = await createBench();
    const tables = `CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE still (id int PRIMARY KEY);
      CREATE VIEW v AS SELECT * FROM t; CREATE MATERIALIZED VIEW m AS SELECT count(*)::int AS n FROM v;
      CREATE MATERIALIZED VIEW mm AS SELECT n + 1 AS n FROM m; CREATE MATERIALIZED VIEW other AS SELECT * FROM still;
      CREATE FUNCTION many() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT count(*) FROM public.t); END';
      CREATE MATERIALIZED VIEW called AS SELECT many() AS n`;
    await bench.source.query(`${tables}; INSERT INTO t VALUES (1), (2)`);
    await bench.target.query(tables);
    const holder = new Client({ connectionString: bench.target.url });
    await holder.connect();
    try {
      await holder.query('BEGIN; SELECT * FROM m');
      // What nobody refreshes is not waited for, nor kept from anybody.
      await holder.query('SELECT * FROM other');
      let longest = 0;
      const reading = { stopped: false };
      const readers = (async () => {
        while (!reading.stopped) {
          const start = performance.now();
          await bench.target.query('SELECT * FROM m');
          longest = Math.max(longest, performance.now() - start);
        }
      })();
      const released = new Promise((resolve) => setTimeout(resolve, 4_000)).then(async () => {
        reading.stopped = true;
        await readers;
        await holder.query('COMMIT');
      });
      await bench.sync('merge');
      await released;
      expect(longest).toBeLessThan(1_000);
    } finally {
      await holder.end();
    }
    expect(
      await bench.target.query('SELECT m.n, mm.n AS more, called.n AS called FROM m, mm, called'),
    ).toEqual([{ n: 2, more: 3, called: 2 }]);
  });
});

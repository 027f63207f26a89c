import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import type { Receipt } from '../../../src/sync/contract/receipts.ts';
import { awkwardRows, awkwardTables } from '../../harness/awkward-tables.ts';
import { failure } from '../../harness/failure.ts';
import { atStep, createBench, expectEqual, stateOf } from '../../harness/environment-pair.ts';
import type { Bench, BenchDatabase } from '../../harness/environment-pair.ts';

const merge = (bench: Bench): Promise<Receipt> =>
  bench.run({ kind: 'sync', input: { source: 'src', target: 'dst', confirm: 'dst', mode: 'merge' } });

/** Schema, rows and numbers as pg_dump writes them, without what an undo needs, and each table's rows in one order. */
async function contentsOf(database: BenchDatabase): Promise<string> {
  const [schemas] = await database.query<{ names: readonly string[] }>(
    `SELECT COALESCE(array_agg(nspname::text), '{}') AS names FROM pg_namespace WHERE nspname LIKE 'multiboard_sync_undo_%'`,
  );
  // Each server spreads these rows over the partitions in its own way.
  const moods = await database.query('SELECT id, mood::text FROM moods ORDER BY 1, 2');
  const { dump } = await stateOf(database, [
    ...(schemas?.names ?? []).map((name) => `--exclude-schema=${name}`),
    '--exclude-table-data=moods_*',
  ]);
  return (JSON.stringify(moods) + String(dump))
    .replaceAll(/t_(source|target)_[0-9a-f]+/g, 'db')
    .replaceAll(/(?<=^COPY .* FROM stdin;\n)[\s\S]*?(?=^\\\.$)/gm, (rows) =>
      rows.split('\n').toSorted().join('\n'),
    );
}

describe('mode merge', () => {
  it('makes every kind of table equal, touches nothing else, and undoes it', async () => {
    const bench = await createBench();
    for (const [database, seed] of [
      [bench.source, 1],
      [bench.target, 2],
    ] as const)
      await database.query(awkwardTables + awkwardRows(seed, 120));
    const before = await contentsOf(bench.target);
    const receipt = await merge(bench);
    expect(await contentsOf(bench.target)).toBe(await contentsOf(bench.source));
    await expectEqual(bench);
    const again = await merge(bench);
    expect(
      again.tables.every(
        ({ changed }) => JSON.stringify(changed) === '{"inserted":0,"updated":0,"deleted":0}',
      ),
    ).toBe(true);
    await bench.rollback(receipt.jobId);
    expect(await contentsOf(bench.target)).toBe(before);
  });

  it('lets readers go on, and finds whatever others write between the comparison and the lock', async () => {
    const bench = await createBench();
    for (const database of [bench.source, bench.target])
      await database.query(`CREATE TABLE part (id int PRIMARY KEY, name text); CREATE TABLE tag (id int PRIMARY KEY);
        INSERT INTO part SELECT i, 'part ' || i FROM generate_series(1, 500) AS i; INSERT INTO tag VALUES (1), (2)`);
    await bench.source.query(`UPDATE part SET name = 'new' WHERE id = 3`);
    const client = new Client({ connectionString: bench.target.url });
    await client.connect();
    try {
      // What it has read it keeps locked, as readers do, to the end.
      await client.query('BEGIN; SELECT count(*) FROM part; SELECT count(*) FROM tag');
      const writes = [
        'UPDATE part SET name = name WHERE id = 9; DELETE FROM tag WHERE id = 2',
        `UPDATE part SET name = 'theirs' WHERE id = 3`,
        'INSERT INTO tag VALUES (3)',
      ];
      for (const write of writes) {
        let written: Promise<unknown> | undefined;
        const running = bench.sync(
          'merge',
          {},
          {
            // The rows are found, and not yet locked.
            onEvent: atStep('load', () => {
              written = bench.target.query(write);
            }),
          },
        );
        const outcome = await running.then(
          () => 'merged',
          ({ code }: { readonly code: string }) => code,
        );
        await written;
        // Who was first is chance; half of it never is.
        expect(['merged', 'CONFLICT_TARGET_CHANGED']).toContain(outcome);
        const [row] = await bench.target.query('SELECT name FROM part WHERE id = 3');
        if (outcome === 'CONFLICT_TARGET_CHANGED') expect(row).not.toEqual({ name: 'new' });
        await bench.target.query(`UPDATE part SET name = 'part 3' WHERE id = 3;
          INSERT INTO tag VALUES (2) ON CONFLICT DO NOTHING; DELETE FROM tag WHERE id = 3`);
      }
      await client.query('SELECT count(*) FROM part; COMMIT');
    } finally {
      await client.end();
    }
  });

  it('digests again what a migration changed without writing rows', async () => {
    const bench = await createBench();
    for (const database of [bench.source, bench.target])
      await database.query(`CREATE TYPE kind AS ENUM ('a', 'b');
        CREATE TABLE part (id int PRIMARY KEY, name text); CREATE TABLE log (id int PRIMARY KEY);
        CREATE TABLE tree (kind kind, id int, name text, PRIMARY KEY (id, kind)) PARTITION BY HASH (kind);
        CREATE TABLE tree_0 PARTITION OF tree FOR VALUES WITH (MODULUS 2, REMAINDER 0);
        CREATE TABLE tree_1 PARTITION OF tree FOR VALUES WITH (MODULUS 2, REMAINDER 1);
        INSERT INTO part SELECT i, 'part ' || i FROM generate_series(1, 50) AS i;
        INSERT INTO tree SELECT (ARRAY['a', 'b'])[1 + i % 2]::kind, i, 'leaf ' || i FROM generate_series(1, 50) AS i`);
    await bench.source.query('INSERT INTO log VALUES (1)');
    for (const table of ['part', 'tree']) {
      const client = new Client({ connectionString: bench.target.url });
      await client.connect();
      try {
        // Lets the comparison read, and keeps the merge from its lock until the migration is there.
        await client.query(`BEGIN; LOCK TABLE ${table} IN ROW EXCLUSIVE MODE`);
        let migrated: Promise<unknown> | undefined;
        const error = await failure(
          bench.sync(
            'merge',
            {},
            {
              onEvent: atStep('load', () => {
                migrated =
                  client.query(`ALTER TABLE ${table} DROP COLUMN name; ALTER TABLE ${table} ADD COLUMN name text;
                  COMMIT`);
              }),
            },
          ),
        );
        await migrated;
        expect(error).toMatchObject({ code: 'CONFLICT_TARGET_CHANGED' });
        expect((error as Error).message).toContain(`public.${table}`);
        expect(await bench.target.query('SELECT id FROM log')).toEqual([]);
        expect(await bench.target.query(`SELECT FROM ${table} WHERE name IS NULL`)).toHaveLength(50);
      } finally {
        await client.end();
      }
      await bench.target.query(
        `UPDATE ${table} SET name = ${table === 'part' ? "'part '" : "'leaf '"} || id`,
      );
    }
  });

  it('finds the schema under its other name', async () => {
    const bench = await createBench({ env: { DST_DATABASE_SCHEMA: 'app' } });
    for (const [database, schema, rows] of [
      [bench.source, 'public', 5],
      [bench.target, 'app', 3],
    ] as const)
      await database.query(`CREATE SCHEMA IF NOT EXISTS ${schema}; SET search_path = ${schema};
        CREATE TABLE part (id serial PRIMARY KEY, name text); CREATE TABLE tag (part int REFERENCES part);
        INSERT INTO part (name) SELECT 'part ' || i FROM generate_series(1, ${rows}) AS i; INSERT INTO tag VALUES (${rows})`);
    await bench.target.query('DROP SCHEMA public');
    const receipt = await bench.sync('merge');
    expect(
      await bench.target.query('SELECT count(*)::int AS parts, max(part) AS tag FROM app.part, app.tag'),
    ).toEqual([{ parts: 5, tag: 5 }]);
    await bench.rollback(receipt.jobId);
    expect(
      await bench.target.query('SELECT count(*)::int AS parts, max(part) AS tag FROM app.part, app.tag'),
    ).toEqual([{ parts: 3, tag: 3 }]);
  });
});

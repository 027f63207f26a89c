import { readFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { JobEvent, ProgressSnapshot } from '../../../src/progress/progress.ts';
import { psql } from '../../support/client-tools.ts';
import { lacks } from '../../support/lacks.ts';
import { serverUrl, testDatabase } from '../../support/postgres.ts';
import { queryOnce } from '../../support/postgres-connection.ts';
import { createBench, expectEqual, modes } from '../../harness/environment-pair.ts';
import type { Bench, BenchDatabase } from '../../harness/environment-pair.ts';
import { mostHeld } from '../../harness/held-memory.ts';
import { everyTypeSql, typeLiterals, typesWithoutInput } from '../../harness/every-type.ts';

const oddTables = readFileSync(join(import.meta.dirname, 'odd-tables.sql'), 'utf8');
const manyColumns = `CREATE TABLE many_columns (${Array.from({ length: 1600 }, (_, n) => `c${n} bool`).join(', ')});
INSERT INTO many_columns (c0, c799, c1599) VALUES (true, false, true), (NULL, NULL, false);`;

/**
 * Every table's rows as an ordered list of hashes of their text, and every sequence's next number, made by the server
 * without any code of ours. Servers spread rows over hash partitions by enum as the enum's oid will have it: those are
 * looked at as a whole.
 */
async function hashesOf(database: BenchDatabase): Promise<Record<string, string>> {
  const tables = await database.query<{ name: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE (c.relkind = 'r' AND c.relname !~ '^by_hash_' OR c.relname = 'by_hash') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' ORDER BY 1`,
  );
  const sequences = await database.query<{ name: string }>(
    `SELECT oid::regclass::text AS name FROM pg_class WHERE relkind = 'S' ORDER BY 1`,
  );
  const contents = [
    ...tables.map(
      ({ name }, place) =>
        `SELECT ${place} AS place, count(*) || ':' || coalesce(md5(string_agg(line, ',' ORDER BY line)), '') AS content
         FROM (SELECT md5(t::text) AS line FROM ${name} AS t) AS lines`,
    ),
    ...sequences.map(
      ({ name }, place) =>
        `SELECT ${tables.length + place} AS place, concat(last_value, ' ', is_called) AS content FROM ${name}`,
    ),
  ];
  const rows = await database.query<{ content: string }>(
    `SELECT content FROM (${contents.join(' UNION ALL ')}) AS each ORDER BY place`,
  );
  return Object.fromEntries([...tables, ...sequences].map(({ name }, index) => [name, rows[index]!.content]));
}

describe('awkward tables and values', () => {
  let bench: Bench;
  let expected: Record<string, string>;

  beforeAll(async () => {
    bench = await createBench();
    await bench.source.query(oddTables);
    await bench.source.query(everyTypeSql('public."Every type"'));
    await bench.source.query(manyColumns);
    await bench.target.query("CREATE TABLE old (id int); CREATE TYPE mood AS ENUM ('old')");
    expected = await hashesOf(bench.source);
  });

  test('the list of types is the list of the server', async () => {
    const rows = await bench.source.query<{ typname: string }>(
      `SELECT typname FROM pg_type WHERE typnamespace = 'pg_catalog'::regnamespace
       AND typtype IN ('b', 'r', 'm') AND typcategory <> 'A' ORDER BY typname COLLATE "C"`,
    );
    expect([...Object.keys(typeLiterals), ...typesWithoutInput].sort()).toEqual(
      rows.map(({ typname }) => typname),
    );
    expect(Object.keys(expected)).toHaveLength(35);
  });

  test.each(modes)('come out of a sync as they were: %s', async (mode) => {
    const receipt = await bench.sync(mode);
    expect(await hashesOf(bench.target)).toEqual(expected);
    expect(
      receipt.tables.every(({ equal, content, digest }) => equal && content === 'source' && digest !== null),
    ).toBe(true);
    await expectEqual(bench);
  });

  test.skipIf(lacks('client-tools')).each([
    ['plain', 'none', 'replace'],
    ['gzip', 'gzip', 'in-place'],
  ] as const)(
    'come out of a dump as they were, and psql 18 restores it: %s',
    async (name, compression, mode) => {
      const file = join(bench.directory, `${name}.sql`);
      await bench.export({ output: file, compression });
      await bench.target.query(
        'DROP SCHEMA public CASCADE; CREATE SCHEMA public; CREATE TABLE stray (id int)',
      );
      await bench.import({ file }, mode);
      expect(await hashesOf(bench.target)).toEqual(expected);
      await expectEqual(bench);
      const restored = await testDatabase('restored');
      const { code, stderr } =
        compression === 'none'
          ? await psql(restored.url, ['--quiet', `--file=${file}`])
          : await psql(restored.url, ['--quiet', '--file=-'], { input: gunzipSync(readFileSync(file)) });
      expect([code, stderr]).toEqual([0, '']);
      expect(await hashesOf(restored)).toEqual(expected);
      if (compression === 'none')
        await expectEqual(await createBench({ source: bench.source, target: restored }));
    },
  );

  test('come out of our own dump that lost its manifest: it is read as somebody else’s', async () => {
    const file = join(bench.directory, 'own.sql.gz');
    const foreign = join(bench.directory, 'foreign.sql.gz');
    await bench.export({ output: file, compression: 'gzip' });
    await copyFile(file, foreign);
    await bench.target.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public; CREATE TABLE stray (id int)');
    await bench.import({ file: foreign }, 'replace');
    expect(await hashesOf(bench.target)).toEqual(expected);
    await expectEqual(bench);
  });
});

/** Text that breaks readers of COPY, CSV and SQL, mixed with anything that PostgreSQL can store. */
const special = [
  ...Array.from({ length: 0x9f }, (_, code) => String.fromCodePoint(code + 1)),
  '\\',
  '\\.',
  '\\N',
  '\\\\',
  '\n\\.\n',
  '\r\n',
  '\t',
  "'",
  '"',
  ',',
  '{',
  '}',
  '(',
  ')',
  'NULL',
  '$$',
  '\\x41',
  '\\101',
  '🧩',
  '👩‍👩‍👧‍👦',
  '\u{10FFFF}',
  '\uFFFE',
  '\uFEFF',
  '\u2028',
  'é',
  'e\u0301',
  '日本',
  'مرحبا',
];
const text = fc
  .array(fc.oneof(fc.constantFrom(...special), fc.string({ unit: 'binary', maxLength: 5 })), {
    maxLength: 12,
  })
  .map((parts) => parts.join('').replaceAll('\0', ''));
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { freq: 6 });
const row = fc.tuple(
  maybe(text),
  maybe(fc.array(maybe(text), { maxLength: 4 })),
  maybe(fc.json({ stringUnit: 'binary' }).map((json) => json.replaceAll(String.raw`\u0000`, ''))),
  maybe(fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes))),
  maybe(fc.double()),
  maybe(fc.float()),
  maybe(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)),
  maybe(fc.tuple(fc.bigInt(), fc.nat(400)).map(([digits, scale]) => `${digits}e-${scale}`)),
);

test.each(modes)('any rows come out as they were: %s', async (mode) => {
  const bench = await createBench();
  await bench.source.query(
    'CREATE TABLE rows (t text, ts text[], j json, b bytea, d float8, f float4, i int8, n numeric, c text GENERATED ALWAYS AS (md5(t)) STORED)',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 200, size: 'max' }), async (rows) => {
      await bench.source.query('TRUNCATE rows');
      const values = rows.flat();
      const tuples = rows.map(
        (_, index) => `(${Array.from({ length: 8 }, (_, n) => `$${index * 8 + n + 1}`).join(', ')})`,
      );
      await bench.source.query(`INSERT INTO rows VALUES ${tuples.join(', ')}`, values);
      await bench.sync(mode, { backup: mode === 'replace' ? 'kept' : 'file' });
      expect(await hashesOf(bench.target)).toEqual(await hashesOf(bench.source));
      await expectEqual(bench);
    }),
    { numRuns: 2, endOnFailure: true },
  );
});

test('a value of 70 MB comes out as it was, and is never held whole', async () => {
  const bench = await createBench({
    change: (config) => ({ ...config, dumps: { ...config.dumps, compression: 'gzip' } }),
  });
  await bench.source.query(
    String.raw`CREATE TABLE large (id int PRIMARY KEY, t text, b bytea);
     INSERT INTO large VALUES (1, 'small', NULL), (2, repeat(E'a\\b\n"c', 10000000), NULL), (3, NULL, decode(repeat('00ff5c0a', 1000000), 'hex')), (4, 'small', NULL)`,
  );
  const before = await hashesOf(bench.source);
  const most = await mostHeld(() => bench.sync('replace', { backup: 'kept' }));
  expect(await hashesOf(bench.target)).toEqual(before);
  expect(most / 1e6).toBeLessThan(60);
});

test('memory does not grow with a table; progress moves within it, and never goes back', async () => {
  const bench = await createBench();
  await bench.source.query('CREATE TABLE big (id int, v text)');
  const run = async (rows: number): Promise<{ most: number; seen: readonly ProgressSnapshot[] }> => {
    await bench.source.query(
      `TRUNCATE big; INSERT INTO big SELECT g, repeat(md5(g::text), 6) FROM generate_series(1, ${rows}) AS g`,
    );
    const seen: ProgressSnapshot[] = [];
    const onEvent = (event: JobEvent): unknown => event.type === 'progress' && seen.push(event.progress);
    const most = await mostHeld(() => bench.sync('replace', { backup: 'kept' }, { onEvent }));
    return { most, seen };
  };
  const small = await run(20_000);
  const large = await run(400_000);
  // 80 MB more of rows.
  expect((large.most - small.most) / 1e6).toBeLessThan(30);
  const percents = large.seen.map(({ percent }) => percent);
  expect(percents).toEqual([...percents].sort((a, b) => a - b));
  expect(percents.at(-1)).toBe(100);
  const inTable = large.seen.filter(({ items }) =>
    items.some(({ name, state }) => name === 'public.big' && state === 'active'),
  );
  expect(new Set(inTable.map(({ bytesDone }) => bytesDone)).size).toBeGreaterThan(1);
});

test('a database whose encoding is not UTF-8 comes out as it was', async () => {
  const name = `t_latin_${Date.now()}`;
  await queryOnce(
    serverUrl(),
    `CREATE DATABASE "${name}" TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'`,
  );
  try {
    const source: BenchDatabase = {
      url: serverUrl(name),
      name,
      query: (sql, values) => queryOnce(serverUrl(name), sql, values) as Promise<never>,
    };
    await source.query(`CREATE TABLE "Größe" (t text); INSERT INTO "Größe" VALUES ('äöü'), ('ÿ'), ('plain')`);
    const bench = await createBench({ source });
    await bench.sync('replace');
    expect(await bench.target.query('SELECT t FROM "Größe" ORDER BY t COLLATE "C"')).toEqual([
      { t: 'plain' },
      { t: 'äöü' },
      { t: 'ÿ' },
    ]);
    expect((await bench.verify()).tables).toEqual([expect.objectContaining({ equal: true })]);
  } finally {
    await queryOnce(serverUrl(), `DROP DATABASE "${name}" WITH (FORCE)`);
  }
});

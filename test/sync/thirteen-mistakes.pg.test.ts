import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { Secret } from '../../src/lib/secret.ts';
import type { ProgressSnapshot } from '../../src/progress/progress.ts';
import { jobRequestSchema } from '../../src/sync/contract/requests.ts';
import { planSync } from '../../src/sync/verbs/plan.ts';
import { createMultiboard } from '../support/multiboard.ts';
import {
  createBench,
  failsAndChangesNothing,
  failure,
  modes,
  rowsOf,
  stateOf,
} from '../harness/environment-pair.ts';
import type { Bench } from '../harness/environment-pair.ts';

/** What earlier attempts at syncing Multiboard got wrong, one by one. */
const preset = (config: Config): Config => {
  const { tablePolicies, mustHaveRows } = loadConfig({
    env: { SYNC_PRESET: 'multiboard' },
    cwd: config.directories.data,
  });
  return { ...config, tablePolicies, mustHaveRows };
};
const people = ['"Profile"', '"ProfileMeta"', '"List"', '"ListPart"', '"UndoOperation"'];

/** Staging and production of the demo, with the preset's policies. */
async function multiboard(change: (config: Config) => Config = (config) => config): Promise<Bench> {
  const bench = await createBench({ change: (config) => change(preset(config)) });
  await createMultiboard(bench.source.url, { parts: 120, variant: 'staging' });
  await createMultiboard(bench.target.url, { parts: 100, variant: 'production' });
  return bench;
}

const plan = (bench: Bench) =>
  planSync(
    { config: bench.config, now: Date.now },
    { source: 'src', target: 'dst' },
    { signal: new AbortController().signal },
  );

test('the preset is the one of the facts', async () => {
  const { config } = await createBench({ change: preset });
  expect(config.tablePolicies).toContainEqual({ table: 'ListPart', policy: 'preserve' });
  expect(config.mustHaveRows).toContain('Part');
});

test('1: a text NULL is no SQL NULL; line breaks, quotes and empty strings stay', async () => {
  const bench = await createBench();
  await bench.source.query('CREATE TABLE t (id int PRIMARY KEY, v text)');
  const values = ['NULL', null, '', 'a\nb\r\nc', `'"`, '\\N', '"",""', 'null', '\\.'];
  for (const [id, value] of values.entries())
    await bench.source.query('INSERT INTO t VALUES ($1, $2)', [id, value]);
  await bench.sync('replace');
  expect(
    (await bench.target.query<{ v: string | null }>('SELECT v FROM t ORDER BY id')).map(({ v }) => v),
  ).toEqual(values);
});

describe('2, 7: in a Multiboard catalogue', () => {
  test.each(modes)('people’s lists stay, and every number goes on: %s', async (mode) => {
    const bench = await multiboard();
    // As jsonb: the two environments have some columns in another order.
    const kept = (): Promise<unknown[][]> =>
      Promise.all(
        people.map((table) =>
          bench.target.query(`SELECT to_jsonb(t)::text AS row FROM ${table} AS t ORDER BY 1`),
        ),
      );
    const before = await kept();
    expect(before.every((rows) => rows.length > 0)).toBe(true);
    const receipt = await bench.sync(mode);
    expect(await kept()).toEqual(before);
    expect(await rowsOf(bench.target, '"Result"')).toEqual([]);
    expect(receipt.tables.every(({ equal }) => equal)).toBe(true);
    // Each table whose key has a sequence takes one more row, with a number that nobody had.
    const keys = await bench.target.query<{ table: string; column: string; sequence: string; max: string }>(
      `SELECT c.oid::regclass::text AS table, quote_ident(a.attname) AS column, pg_get_serial_sequence(c.oid::regclass::text, a.attname) AS sequence
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND pg_get_serial_sequence(c.oid::regclass::text, a.attname) IS NOT NULL`,
    );
    expect(keys.length).toBeGreaterThan(3);
    for (const { table, column, sequence } of keys) {
      const [row] = await bench.target.query(
        `SELECT nextval($1) > coalesce((SELECT max(${column}) FROM ${table}), 0) AS free`,
        [sequence],
      );
      expect([table, row]).toEqual([table, { free: true }]);
    }
  });
});

test('3: when the safety copy cannot be written, nothing is imported', async () => {
  const bench = await createBench({
    change: (config) => ({
      ...config,
      directories: { ...config.directories, backups: join(config.directories.data, 'file', 'backups') },
    }),
  });
  await bench.source.query('CREATE TABLE t (id int)');
  await bench.target.query('CREATE TABLE mine (id int); INSERT INTO mine VALUES (1)');
  await mkdir(bench.directory, { recursive: true });
  await writeFile(join(bench.directory, 'file'), 'not a directory');
  for (const mode of modes) {
    const error = await failsAndChangesNothing(bench.target, () => bench.sync(mode));
    expect(error.code).toBe('STORAGE_UNUSABLE');
  }
});

test('4: after a failed import the target is as before, and the job says failed', async () => {
  const bench = await createBench({ policies: { Kept: 'preserve' } });
  await bench.source.query(
    'CREATE TABLE "Part" (id int PRIMARY KEY); CREATE TABLE "Kept" (part int CHECK (part > 1))',
  );
  await bench.target.query(
    'CREATE TABLE "Part" (id int PRIMARY KEY); INSERT INTO "Part" VALUES (1); CREATE TABLE "Kept" (part int); INSERT INTO "Kept" VALUES (1)',
  );
  for (const mode of modes) {
    const states: string[] = [];
    await failsAndChangesNothing(bench.target, () =>
      bench.sync(
        mode,
        {},
        { onEvent: (event) => event.type === 'progress' && states.push(event.progress.state) },
      ),
    );
    expect(states.at(-1)).toBe('failed');
    expect(states).not.toContain('done');
  }
});

test('5: a plan reads both ends, says what would stop the run, and changes nothing', async () => {
  const bench = await createBench({
    policies: { Kept: 'preserve' },
    change: (config) => ({ ...config, mustHaveRows: ['Part'] }),
  });
  await bench.source.query(
    'CREATE TABLE "Part" (id int PRIMARY KEY); CREATE TABLE "Kept" (other int); CREATE TABLE appears (id int)',
  );
  await bench.target.query(
    'CREATE TABLE "Kept" (mine int); INSERT INTO "Kept" VALUES (1); CREATE TABLE vanishes (id int)',
  );
  const before = [await stateOf(bench.source), await stateOf(bench.target)];
  const { blockers, differences, tables } = await plan(bench);
  expect(blockers.map(({ code }) => code).sort()).toEqual(['SOURCE_EMPTY', 'TARGET_KEPT_TABLE']);
  expect(differences?.map(({ name, difference }) => `${name} ${difference}`)).toEqual(
    expect.arrayContaining(['table public.vanishes is missing', 'table public.appears is too many']),
  );
  expect(tables).toContainEqual(expect.objectContaining({ table: 'public.Kept', action: 'keep' }));
  expect([await stateOf(bench.source), await stateOf(bench.target)]).toEqual(before);
  expect((await failure(bench.sync('replace'))).code).toBe('SOURCE_EMPTY');
});

test('6: one row of 10,000 is a difference', async () => {
  const bench = await createBench();
  await bench.source.query(
    'CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 10000)',
  );
  await bench.sync('replace');
  await bench.target.query('DELETE FROM t WHERE id = 5000');
  expect(await bench.verify()).toMatchObject({
    equal: false,
    tables: [{ equal: false, leftRows: 10_000, rightRows: 9_999, differingKeys: ['(5000)'] }],
  });
});

test('7: sequences are found by the catalogue, not by their names', async () => {
  const bench = await createBench();
  await bench.source.query(
    `CREATE TABLE "Mixed Case" ("Id" serial PRIMARY KEY); CREATE TABLE ident (id bigint GENERATED ALWAYS AS IDENTITY (START 100 INCREMENT -5 MAXVALUE 100) PRIMARY KEY);
     CREATE SEQUENCE "any name"; CREATE TABLE other (id int DEFAULT nextval('"any name"')); CREATE SEQUENCE unused START 42;
     INSERT INTO "Mixed Case" SELECT FROM generate_series(1, 7); INSERT INTO ident SELECT FROM generate_series(1, 7); INSERT INTO other SELECT FROM generate_series(1, 7)`,
  );
  for (const mode of modes) await bench.sync(mode);
  const next = `SELECT nextval('"Mixed Case_Id_seq"') AS mixed, nextval('ident_id_seq') AS ident, nextval('"any name"') AS other, nextval('unused') AS unused`;
  expect(await bench.target.query(next)).toEqual([{ mixed: '8', ident: '65', other: '8', unused: '42' }]);
});

test('8: memory does not grow with a table', async () => {
  const bench = await createBench();
  await bench.source.query('CREATE TABLE t (id int, v text)');
  const used = async (rows: number): Promise<number> => {
    await bench.source.query(
      `TRUNCATE t; INSERT INTO t SELECT g, repeat(md5(g::text), 6) FROM generate_series(1, ${rows}) AS g`,
    );
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss);
    }, 10);
    await bench.sync('replace', { backup: 'kept' });
    clearInterval(watch);
    return most;
  };
  const small = await used(20_000);
  const large = await used(400_000);
  // 80 MB more of rows; what a worker of vitest holds anyway moves by some ten.
  expect((large - small) / 1e6).toBeLessThan(50);
});

test('9: a password is in no error, event or file', async () => {
  const secret = 'pl4nted-p4ssword';
  const wrong = await createBench();
  const url = new URL(wrong.source.url);
  url.password = secret;
  const bench = await createBench({ source: { ...wrong.source, url: url.href } });
  const told: unknown[] = [];
  const error = await failure(bench.sync('replace', {}, { onEvent: (event) => told.push(event) }));
  expect(error.code).toBe('AUTH_DATABASE');
  const files = (await readdir(bench.directory, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  const texts = await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'utf8')));
  expect(
    [error.message, error.stack, JSON.stringify(error), JSON.stringify(told), ...texts].join('\n'),
  ).not.toContain(secret);
  expect(files.length).toBeGreaterThan(0);
});

test('10: identity, generated columns, enums, expression and partial indexes; a key to a table left out', async () => {
  const bench = await createBench({ policies: { secret: 'exclude' } });
  await bench.source.query(
    `CREATE TYPE mood AS ENUM ('a', 'b'); CREATE TABLE secret (id int PRIMARY KEY);
     CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, m mood DEFAULT 'b', twice int GENERATED ALWAYS AS (1 * 2) STORED, s int CONSTRAINT to_secret REFERENCES secret, v text);
     CREATE INDEX by_expression ON t (lower(v), (id % 3)); CREATE UNIQUE INDEX partial ON t (v) WHERE m = 'a'; INSERT INTO t (v) VALUES ('x'), ('y')`,
  );
  for (const mode of modes) {
    const receipt = await bench.sync(mode);
    expect(receipt.warnings).toEqual([expect.stringContaining('to_secret')]);
    const { differences } = await bench.verify();
    expect(differences.every(({ name }) => name.includes('secret'))).toBe(true);
    expect(await rowsOf(bench.target, 't')).toEqual(['(1,b,2,,x)', '(2,b,2,,y)']);
  }
});

test('11: dumps are for their owner alone, and a caller names ids, never paths', async () => {
  const bench = await createBench();
  await bench.source.query('CREATE TABLE t (id int)');
  const { dump } = await bench.export();
  const mode = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);
  expect(
    await Promise.all(
      [dump!.file, dump!.manifest, bench.config.directories.dumps, bench.directory].map(mode),
    ),
  ).toEqual(['600', '600', '700', '700']);
  const request = (id: unknown): unknown => ({
    kind: 'import',
    input: { dump: id, target: 'dst', confirm: 'dst' },
  });
  expect(jobRequestSchema.safeParse(request({ id: dump!.dumpId })).success).toBe(true);
  for (const dumpOf of [
    { file: dump!.file },
    { id: '../dumps/x' },
    { id: dump!.file },
    dump!.file,
    { id: 'x', file: 'y' },
  ])
    expect(jobRequestSchema.safeParse(request(dumpOf)).success).toBe(false);
  expect((await failure(bench.import({ id: `../dumps/${dump!.dumpId}` }, 'replace'))).code).toBe(
    'STORAGE_DUMP_UNKNOWN',
  );
});

test('12: progress moves within one big table, and never goes back', async () => {
  const bench = await createBench();
  await bench.source.query(
    `CREATE TABLE big (id int, v text); INSERT INTO big SELECT g, repeat(md5(g::text), 4) FROM generate_series(1, 500000) AS g`,
  );
  const seen: ProgressSnapshot[] = [];
  await bench.sync(
    'replace',
    { backup: 'kept' },
    { onEvent: (event) => event.type === 'progress' && seen.push(event.progress) },
  );
  const percents = seen.map(({ percent }) => percent);
  expect(percents).toEqual([...percents].sort((a, b) => a - b));
  const inTable = seen.filter(({ items }) =>
    items.some(({ name, state }) => name === 'public.big' && state === 'active'),
  );
  expect(new Set(inTable.map(({ bytesDone }) => bytesDone)).size).toBeGreaterThan(1);
  expect(percents.at(-1)).toBe(100);
});

describe('13: the search belongs to the sync', () => {
  test('when it cannot be built, the database does not change either', async () => {
    const bench = await multiboard((config) => ({
      ...config,
      collections: loadConfig({ env: {}, cwd: config.directories.data }).collections,
      environments: new Map(
        [...config.environments].map(([name, environment]) => [
          name,
          { ...environment, search: { nodes: ['http://127.0.0.1:1'], apiKey: new Secret('k') } },
        ]),
      ),
    }));
    const error = await failsAndChangesNothing(bench.target, () => bench.sync('replace', { backup: 'kept' }));
    expect(error.code).toBe('SEARCH_UNAVAILABLE');
  });

  test('a target without a search takes no part, and says so when asked', async () => {
    const bench = await createBench();
    await bench.source.query('CREATE TABLE t (id int)');
    expect((await failure(bench.sync('replace', { search: true }))).code).toBe('CONFIG_SEARCH_MISSING');
    expect((await bench.sync('replace')).collections).toEqual([]);
  });
});

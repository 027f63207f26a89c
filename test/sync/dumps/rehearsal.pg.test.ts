import { open } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { examine } from '../../../src/sync/verbs/doctor.ts';
import { rehearsalStates, rehearsalWords } from '../../../src/sync/verbs/rehearsals.ts';
import { SyncError } from '../../../src/errors/sync-error.ts';
import { atStep, createBench, stateOf } from '../../harness/environment-pair.ts';
import type { Bench } from '../../harness/environment-pair.ts';
import { failure } from '../../harness/failure.ts';

let bench: Bench;
let before: Record<string, unknown>;
let dumpId: string;
const rehearsal = { kind: 'rehearsal', input: { environment: 'src', server: 'dst' } } as const;

/** Databases that runs have made on the server of the target. */
const made = (): Promise<readonly unknown[]> =>
  bench.target.query(
    `SELECT datname FROM pg_database WHERE datname LIKE left(current_database(), 30) || '%\\_\\_load\\_%'`,
  );

beforeAll(async () => {
  // Policies are about a target that people use.
  bench = await createBench({ policies: { people: 'preserve', cache: 'truncate' } });
  await bench.source.query(
    `CREATE TYPE mood AS ENUM ('ok'); CREATE SCHEMA more;
     CREATE TABLE part (id serial PRIMARY KEY, t text UNIQUE, m mood DEFAULT 'ok');
     CREATE TABLE more.pin (part int REFERENCES part, at timestamptz DEFAULT now());
     CREATE TABLE people (id int PRIMARY KEY); CREATE TABLE cache (id int);
     CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM part;
     CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql AS 'SELECT 2 * $1';
     INSERT INTO part (t) SELECT g::text FROM generate_series(1, 3000) AS g;
     INSERT INTO more.pin SELECT g FROM generate_series(1, 200) AS g;
     INSERT INTO people VALUES (1), (2); INSERT INTO cache VALUES (1); SELECT lo_from_bytea(0, 'x')`,
  );
  await bench.target.query(
    `CREATE TABLE mine (id int PRIMARY KEY, t text); INSERT INTO mine VALUES (1, 'stays')`,
  );
  before = await stateOf(bench.target);
});

test('without a dump there is nothing to rehearse', async () => {
  expect(await failure(bench.job(rehearsal))).toMatchObject({ code: 'STORAGE_DUMP_UNKNOWN' });
});

test('the newest dump is restored whole beside a target, proved by its digests, and dropped', async () => {
  await bench.export({ compression: 'none' });
  dumpId = (await bench.export({ compression: 'gzip' })).dump?.dumpId ?? '';
  const steps: string[] = [];
  const receipt = await bench.run(rehearsal, { onStep: (step) => steps.push(step) });
  expect(receipt).toMatchObject({
    kind: 'rehearsal',
    source: 'src',
    target: 'dst',
    rows: 3203,
    dump: { dumpId },
  });
  expect(
    receipt.tables.map(({ table, content, equal, digest }) => [table, content, equal, digest?.length]),
  ).toEqual(
    ['more.pin', 'public.cache', 'public.part', 'public.people'].map((table) => [table, 'source', true, 32]),
  );
  expect(receipt.largeObjects).toMatchObject({ objects: 1, equal: true });
  expect(steps).toEqual(['inspect', 'recover', 'prepare', 'load', 'build', 'verify', 'clean']);
  expect(await made()).toEqual([]);
  expect(await stateOf(bench.target)).toEqual(before);
});

test('when it was proved is told, with how long it took', async () => {
  const [state] = await rehearsalStates(bench.config);
  expect(state).toMatchObject({
    environment: 'src',
    failed: null,
    proved: { dumpId, server: 'dst', rows: 3203 },
  });
  const { at, seconds } = state!.proved!;
  expect(rehearsalWords({ ...state!, proved: { ...state!.proved!, seconds: 240 } }, at + 6 * 3_600_000)).toBe(
    `last proved restorable 6 h ago (dump ${dumpId}, on the server of dst), took 4 min`,
  );
  expect(seconds).toBeGreaterThan(0);
  const findings = await examine({ config: bench.config, now: () => at }, ['src'], {
    signal: new AbortController().signal,
  });
  expect(findings.find(({ subject }) => subject === 'src: dumps')).toMatchObject({ level: 'ok' });
});

test('it overtakes no undo, and cannot be undone', async () => {
  const done = await bench.sync('replace', { leaveOut: ['missing'] });
  const { jobId } = await bench.run(rehearsal);
  expect(await failure(bench.rollback(jobId))).toMatchObject({ code: 'CONFLICT_STATE' });
  await bench.rollback(done.jobId);
  expect((await stateOf(bench.target))['dump']).toEqual(before['dump']);
});

test('a cancelled one drops its database', async () => {
  const stopped = new AbortController();
  const running = bench.job(rehearsal, {
    signal: stopped.signal,
    onEvent: atStep('build', () => stopped.abort(new SyncError('CANCELLED', 'Enough.'))),
  });
  expect(await failure(running)).toMatchObject({ code: 'CANCELLED' });
  expect(await made()).toEqual([]);
});

test('a dump that was damaged is found, and that is told until a later one is proved', async () => {
  const { dump } = await bench.export({ compression: 'none' });
  const file = await open(dump!.file, 'r+');
  const { size } = await file.stat();
  await file.write('X', Math.floor(size / 2));
  await file.close();
  expect(await failure(bench.job(rehearsal))).toMatchObject({ code: 'STORAGE_DUMP_DAMAGED' });
  const now = Date.now();
  const told = async (): Promise<string> => rehearsalWords((await rehearsalStates(bench.config))[0]!, now);
  expect(await told()).toMatch(
    /^last proved restorable .* ago .*; the rehearsal .* ago failed \(STORAGE_DUMP_DAMAGED\)$/,
  );
  await bench.export();
  await bench.run(rehearsal);
  expect(await told()).not.toContain('failed');
  expect(await made()).toEqual([]);
});

test('an environment that is only read lends no server', async () => {
  const { environments } = bench.config;
  const readOnly = { ...environments.get('dst')!, protection: 'source-only' as const };
  const guarded = await createBench({
    source: bench.source,
    target: bench.target,
    change: (config) => ({ ...config, environments: new Map([...config.environments, ['dst', readOnly]]) }),
  });
  expect(await failure(guarded.job(rehearsal))).toMatchObject({ code: 'CONFLICT_TARGET_PROTECTED' });
});

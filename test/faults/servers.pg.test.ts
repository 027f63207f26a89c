import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { StepId } from '../../src/progress/progress.ts';
import { failure } from '../harness/failure.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import type { FaultProxy } from '../support/fault-proxy.ts';
import { privatePostgres } from '../support/postgres.ts';
import type { PrivatePostgres } from '../support/postgres.ts';
import { queryOnce } from '../support/postgres-connection.ts';
import { afterSync, contentOf, tablesOf } from '../harness/content.ts';
import type { Content } from '../harness/content.ts';
import { littleProduction } from '../harness/little-catalogue.ts';
import type { RunOptions } from '../harness/environment-pair.ts';
import { benchOf, littleModels } from '../harness/models.ts';
import type { ModelBench, Models } from '../harness/models.ts';

/** A server of our own that is killed and started again; with crash recovery that can be trusted. */
let server: PrivatePostgres;
let proxy: FaultProxy;
let models: Models;
let old: Content;
let fresh: Content;

const on = (database: string): { query: <Row>(sql: string) => Promise<Row[]> } => ({
  query: <Row>(sql: string) => queryOnce(server.urlOf(database), sql) as Promise<Row[]>,
});

beforeAll(async () => {
  models = await littleModels();
  server = await privatePostgres({ fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on' });
  proxy = await startFaultProxy(server.url);
  await queryOnce(server.url, 'CREATE DATABASE model');
  await queryOnce(server.urlOf('model'), littleProduction);
  old = tablesOf(await contentOf(on('model')));
  fresh = tablesOf(afterSync(models.sourceContent, old, models.policies));
}, 120_000);

beforeEach(async () => {
  for (const { name } of await databases())
    await queryOnce(server.url, `DROP DATABASE "${name}" WITH (FORCE)`);
  await queryOnce(server.url, 'CREATE DATABASE live TEMPLATE model');
});

async function databases(): Promise<{ name: string }[]> {
  return (await queryOnce(
    server.url,
    `SELECT datname AS name FROM pg_database WHERE datname LIKE 'live%' ORDER BY 1`,
  )) as {
    name: string;
  }[];
}

const liveTables = async (): Promise<Content> => tablesOf(await contentOf(on('live')));

async function benchOn(
  environment: 'SRC_DATABASE_URL' | 'DST_DATABASE_URL',
  database: string,
): Promise<ModelBench> {
  const bench = await benchOf(models);
  return bench.with({ [environment]: proxy.through(server.urlOf(database)) });
}

/** `kill -9` of the server when a step begins: not one byte more passes. `back` is over when it runs again. */
function killAt(
  step: StepId,
  options: { readonly comesBack: boolean },
): RunOptions & { readonly back: () => Promise<void> } {
  let killing = Promise.resolve();
  const strike = async (): Promise<void> => {
    proxy.halfOpen();
    await server.kill();
    proxy.reset();
    if (options.comesBack) await back();
  };
  const back = async (): Promise<void> => {
    await server.restart();
    proxy.heal();
  };
  return {
    onStep: (begun) => {
      if (begun === step) killing = strike();
    },
    back: async () => {
      await killing;
      if (!options.comesBack) await back();
    },
  };
}

test('the source’s server is killed while it is read', async () => {
  const bench = await benchOn('SRC_DATABASE_URL', 'model');
  const options = killAt('export', { comesBack: false });
  const error = await failure(bench.sync('auto', {}, options));
  expect(error.code).toBe('SOURCE_UNAVAILABLE');
  await options.back();
});

test.each<['replace' | 'in-place', StepId]>([
  ['replace', 'load'],
  ['replace', 'switch'],
  ['in-place', 'switch'],
])('%s: the target’s server is killed in step %s; the next run clears up', async (mode, step) => {
  const bench = await benchOn('DST_DATABASE_URL', 'live');
  const options = killAt(step, { comesBack: false });
  const error = await failure(bench.sync(mode, {}, options));
  expect(error.code).toBe('TARGET_UNAVAILABLE');
  await options.back();
  const content = await liveTables();
  // A kill in the step of the switch may come before it or after it.
  if (step !== 'switch' || JSON.stringify(content) !== JSON.stringify(fresh)) expect(content).toEqual(old);
  await bench.sync(mode);
  expect(await liveTables()).toEqual(fresh);
  const beside = (await databases()).map(({ name }) => name).filter((name) => name !== 'live');
  expect(beside.every((name) => name.startsWith('live__old_'))).toBe(true);
});

test('the target’s server goes away in the swap and comes back: the run waits and tells what became of it', async () => {
  const bench = await benchOn('DST_DATABASE_URL', 'live');
  const options = killAt('switch', { comesBack: true });
  const outcome = await bench.sync('replace', {}, options).then(
    () => 'new',
    () => 'old',
  );
  await options.back();
  expect(await liveTables()).toEqual(outcome === 'new' ? fresh : old);
  const beside = (await databases()).map(({ name }) => name).filter((name) => name !== 'live');
  expect(beside.map((name) => name.replace(/_[a-z0-9]+$/, ''))).toEqual(
    outcome === 'new' ? ['live__old'] : [],
  );
});

test('a server restored from the other one’s disk is another server, and a standby is not', async () => {
  const bench = await benchOf(models);
  const restored = await server.clone();
  const standby = await server.clone({ standby: true });
  await queryOnce(restored.urlOf('live'), 'CREATE TABLE only_here (id int)');
  const from = (source: PrivatePostgres, target: PrivatePostgres): ModelBench =>
    bench.with({ SRC_DATABASE_URL: source.urlOf('live'), DST_DATABASE_URL: target.urlOf('live') });
  // The two have one identifier, and their databases one number.
  await from(server, restored).sync('replace', { backup: 'kept' });
  const [there] = await queryOnce(restored.urlOf('live'), `SELECT to_regclass('only_here') AS found`);
  expect(there).toEqual({ found: null });
  const verify = { kind: 'verify', input: { left: 'src', right: 'dst' } } as const;
  expect(await from(server, standby).job(verify)).toMatchObject({ equal: true });
  // To say of a database that it equals itself says nothing.
  expect((await failure(from(server, server).job(verify))).code).toBe('CONFLICT_SAME_DATABASE');
  for (const bench of [from(server, standby), from(standby, server)])
    expect((await failure(bench.sync('auto'))).code).toBe('CONFLICT_SAME_DATABASE');
}, 60_000);

test('where pg_hba.conf lets nobody into a database of another name, a plan knows that none can be made beside the target', async () => {
  const bench = await benchOf(models);
  const there = bench.with({ DST_DATABASE_URL: server.urlOf('live') });
  const path = join(server.directory, 'data', 'pg_hba.conf');
  const open = await readFile(path, 'utf8');
  await writeFile(path, 'host postgres,live,model all all scram-sha-256\n');
  await queryOnce(server.url, 'SELECT pg_reload_conf()');
  try {
    const error = await failure(there.sync('replace'));
    expect([error.code, error.message]).toEqual([
      'TARGET_PRIVILEGE',
      expect.stringContaining('a database of another name are refused (no pg_hba.conf entry'),
    ]);
    expect(await there.sync('auto')).toMatchObject({ mode: 'in-place' });
  } finally {
    await writeFile(path, open);
    await queryOnce(server.url, 'SELECT pg_reload_conf()');
  }
}, 60_000);

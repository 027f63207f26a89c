import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { createLogger } from '../../src/http/request-log.ts';
import { startService, startWorkerProcess } from '../../src/main.ts';
import type { RunningProcess, RunningService } from '../../src/main.ts';
import { runCli } from '../cli/run-cli.ts';
import { testDatabase } from '../support/postgres.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { scratchDirectory } from '../support/scratch.ts';

const apiKey = 'planted-service-key-31c2';
const headers = { Authorization: `Bearer ${apiKey}`, 'Content-Type': 'application/json' };

let directory: string;
let source: TestDatabase;
let target: TestDatabase;
const running: RunningProcess[] = [];

beforeAll(async () => {
  directory = await scratchDirectory('service');
  source = await testDatabase('service_source');
  target = await testDatabase('service_target');
  await source.query(`CREATE TABLE "Part" (id int PRIMARY KEY, name text)`);
  await source.query(
    `INSERT INTO "Part" SELECT g, 'planted-row-value ' || g FROM generate_series(1, 2000) AS g`,
  );
});
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop({ force: true }).catch(() => {});
});
afterAll(async () => {
  // The sync and its undo keep the database they replaced under a name of their own.
  const kept = await source.query<{ name: string }>(
    'SELECT datname AS name FROM pg_database WHERE datname <> $1 AND starts_with(datname, $1)',
    [target.name],
  );
  for (const { name } of kept) await source.query(`DROP DATABASE "${name}"`);
  await rm(directory, { recursive: true, force: true });
});

const log: string[] = [];
const logger = createLogger('debug', {
  write: (line: string) => {
    log.push(line);
  },
});

const configOf = (env: Record<string, string>) =>
  loadConfig({
    env: {
      API_KEY: apiKey,
      PORT: '0',
      DATA_DIRECTORY: join(directory, 'data'),
      SRC_DATABASE_URL: source.url,
      DST_DATABASE_URL: target.url,
      ...env,
    },
    cwd: directory,
  });

async function start(env: Record<string, string> = {}): Promise<RunningService> {
  const service = await startService(configOf(env), { logger, signals: false });
  running.push(service);
  return service;
}

async function send(service: RunningService, method: string, path: string, body?: object) {
  const response = await fetch(`${service.url}${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  // oxlint-disable-next-line typescript/no-explicit-any
  const json: any = text.startsWith('{') ? JSON.parse(text) : null;
  return { status: response.status, text, json };
}

async function ended(service: RunningService, id: string) {
  // oxlint-disable-next-line typescript/no-explicit-any
  let job: any;
  await expect
    .poll(
      async () => {
        job = (await send(service, 'GET', `/api/jobs/${id}`)).json;
        return job.state as string;
      },
      { timeout: 30_000 },
    )
    .toMatch(/done|failed|cancelled/);
  return job;
}

describe('the service with a queue of its own', () => {
  it('plans, syncs, sends the safety copy and undoes, then leaves nothing behind', async () => {
    const service = await start();
    expect((await send(service, 'GET', '/ready')).json).toEqual({ status: 'ready' });
    expect((await stat(join(directory, 'data'))).mode & 0o777).toBe(0o700);

    const plan = await send(service, 'POST', '/api/plan', { source: 'src', target: 'dst' });
    expect(plan.json).toMatchObject({ type: 'plan', blockers: [] });
    const tested = await send(service, 'POST', '/api/environments/src/test');
    expect(tested.json).toMatchObject({ environment: 'src', ok: true });

    const sync = await send(service, 'POST', '/api/sync', { source: 'src', target: 'dst', confirm: 'dst' });
    expect(sync.status).toBe(202);
    const job = await ended(service, sync.json.id);
    expect([job.state, job.error]).toEqual(['done', null]);
    expect(job.receipt.tables).toContainEqual(
      expect.objectContaining({ table: 'public.Part', rows: 2000, equal: true }),
    );
    expect(job.progress).toMatchObject({ state: 'done', percent: 100 });
    expect(await target.query('SELECT count(*)::int AS rows FROM "Part"')).toEqual([{ rows: 2000 }]);

    const written = await send(service, 'POST', '/api/sync/export', { environment: 'src' });
    const { receipt } = await ended(service, written.json.id);
    const { dumps } = (await send(service, 'GET', '/api/dumps')).json;
    const dump = dumps.find(({ id }: { id: string }) => id === receipt.dump.dumpId);
    const file = await send(service, 'GET', `/api/dumps/${dump.id}/download`);
    expect(createHash('sha256').update(file.text).digest('hex')).toBe(dump.sha256);
    expect((await send(service, 'GET', `/api/dumps/${dump.id}`)).json.contents).toMatchObject([
      { schema: 'public', name: 'Part', rows: 2000 },
    ]);
    expect((await send(service, 'DELETE', `/api/dumps/${dump.id}`)).status).toBe(204);
    expect((await send(service, 'GET', `/api/dumps/${dump.id}`)).json.code).toBe('STORAGE_DUMP_UNKNOWN');

    const undo = await send(service, 'POST', `/api/jobs/${sync.json.id}/rollback`, { confirm: 'dst' });
    expect((await ended(service, undo.json.id)).state).toBe('done');
    expect(await target.query(`SELECT to_regclass('"Part"') AS part`)).toEqual([{ part: null }]);
    const undoOf = async (id: string) => (await send(service, 'GET', `/api/jobs/${id}`)).json.undo;
    expect(await undoOf(sync.json.id)).toMatchObject({ undoneBy: undo.json.id });
    expect(await undoOf(undo.json.id)).toMatchObject({ gone: [], note: null });
    const { keptDatabase } = (await ended(service, undo.json.id)).receipt;
    await source.query(`DROP DATABASE "${keptDatabase}"`);
    expect((await undoOf(undo.json.id)).note).toContain(
      `Can no longer be undone. The database "${keptDatabase}"`,
    );
    // The list says it in the same words.
    const { jobs: listed } = (await send(service, 'GET', '/api/jobs')).json;
    for (const { id, undo: told } of listed) expect([id, told]).toEqual([id, await undoOf(id)]);
    expect(listed.map(({ id }: { readonly id: string }) => id)).toContain(undo.json.id);
    const late = await send(service, 'POST', `/api/jobs/${undo.json.id}/rollback`, { confirm: 'dst' });
    expect([late.status, late.json.code]).toEqual([409, 'CONFLICT_UNDO_GONE']);

    const postmaster = Number((await postmasterLines()).at(0));
    await service.stop();
    await service.stopped;
    expect(() => process.kill(postmaster, 0)).toThrow(/ESRCH/);
    await expect(fetch(`${service.url}/health`)).rejects.toThrow(TypeError);
    const said = log.join('');
    for (const secret of [apiKey, 'planted-row-value', new URL(source.url).password]) {
      expect(said).not.toContain(secret);
    }
  });

  it('keeps its jobs over a restart, and ends when its PostgreSQL dies', async () => {
    const service = await start();
    expect((await send(service, 'GET', '/api/jobs')).json.jobs).toHaveLength(3);
    process.kill(Number((await postmasterLines()).at(0)), 'SIGKILL');
    await expect(service.stopped).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
    const again = await start();
    expect((await send(again, 'GET', '/api/jobs')).json.jobs).toHaveLength(3);
  });

  it('makes its own key at its first start, tells it to nobody, and opens its page by a link once', async () => {
    const data = join(directory, 'keyless');
    const env = { DATA_DIRECTORY: data, SRC_DATABASE_URL: source.url, PORT: '0' };
    const config = loadConfig({ env, cwd: directory });
    const service = await startService(config, { logger, signals: false });
    running.push(service);
    expect(service.keyFile).toBe(join(data, 'api-key'));
    const own = (await readFile(join(data, 'api-key'), 'utf8')).trim();
    const call = async (method: string, path: string, key: string | null, body?: object) => {
      const response = await fetch(`${service.url}${path}`, {
        method,
        headers: {
          ...(key === null ? {} : { Authorization: `Bearer ${key}` }),
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, text: await response.text() };
    };
    for (const path of ['/api/jobs', '/api/dumps', '/api/environments', '/metrics'])
      expect((await call('GET', path, null)).status).toBe(401);
    expect((await call('GET', '/api/jobs', own)).status).toBe(200);

    // The command line of the same user, with nothing said but where the data are.
    const { code, stdout } = await runCli(['page'], { cwd: directory, env });
    expect(code).toBe(0);
    const links = [service.pageLink(), stdout.trim()];
    const passes = [];
    for (const link of links) {
      expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#open=[\w-]{43}$/);
      const exchange = { code: new URL(link).hash.slice('#open='.length) };
      const { token } = JSON.parse((await call('POST', '/api/session', null, exchange)).text) as {
        readonly token: string;
      };
      passes.push(token);
      expect((await call('GET', '/api/jobs', token)).status).toBe(200);
      expect((await call('POST', '/api/session', null, exchange)).status).toBe(401);
    }
    const told = await readFile(join(data, 'service.json'), 'utf8');
    for (const secret of [own, ...passes, ...links, (JSON.parse(told) as { token: string }).token])
      expect(log.join('')).not.toContain(secret);

    await service.stop();
    await expect(stat(join(data, 'service.json'))).rejects.toMatchObject({ code: 'ENOENT' });
    const again = await startService(config, { logger, signals: false });
    running.push(again);
    expect((await readFile(join(data, 'api-key'), 'utf8')).trim()).toBe(own);
    const late = await fetch(`${again.url}/api/jobs`, { headers: { Authorization: `Bearer ${passes[0]}` } });
    expect(late.status).toBe(401);
  });

  it('lets only one service use the data directory', async () => {
    await start();
    await expect(start()).rejects.toMatchObject({ code: 'EMBEDDED_BUSY' });
  });
});

async function postmasterLines(): Promise<string[]> {
  return (await readFile(join(directory, 'data', 'queue', 'data', 'postmaster.pid'), 'utf8')).split('\n');
}

describe('processes on a shared queue', () => {
  it('a worker alone runs what the service took', async () => {
    const queue = await testDatabase('service_queue');
    const env = { QUEUE_DATABASE_URL: queue.url, DATA_DIRECTORY: join(directory, 'shared') };
    const service = await start(env);
    const worker = await startWorkerProcess(configOf(env), { logger, signals: false });
    running.push(worker);
    const ids = await Promise.all(
      [1, 2, 3, 4].map(
        async () =>
          (await send(service, 'POST', '/api/verify', { left: 'src', right: 'dst' })).json.id as string,
      ),
    );
    for (const id of ids) expect((await ended(service, id)).receipt.type).toBe('verify');
    await worker.stop();
  });

  it('keeps the safety copy of a run in place while it is its undo, for the API and the command line', async () => {
    const queue = await testDatabase('service_dumps');
    const env = { QUEUE_DATABASE_URL: queue.url, DATA_DIRECTORY: join(directory, 'dumps-in-use') };
    const service = await start(env);
    const body = { source: 'src', target: 'dst', confirm: 'dst', mode: 'in-place' };
    const { json: placed } = await send(service, 'POST', '/api/sync', body);
    const { dumpId } = (await ended(service, placed.id)).receipt.backup;
    const needed = await send(service, 'DELETE', `/api/dumps/${dumpId}`);
    expect([needed.status, needed.json.code]).toEqual([409, 'STORAGE_DUMP_BUSY']);
    expect(needed.json.detail).toContain(`the undo of job ${placed.id}`);
    const byHand = await runCli(['dumps', 'delete', dumpId], { cwd: directory, env });
    expect([byHand.code, byHand.stderr]).toEqual([
      12,
      expect.stringContaining(`the undo of job ${placed.id}`),
    ]);
    const back = await send(service, 'POST', `/api/jobs/${placed.id}/rollback`, { confirm: 'dst' });
    expect((await ended(service, back.json.id)).state).toBe('done');
    expect((await runCli(['dumps', 'delete', dumpId], { cwd: directory, env })).code).toBe(0);
  });

  it('a worker alone needs a queue to share', async () => {
    await expect(startWorkerProcess(configOf({}), { logger, signals: false })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });

  it('opens nothing for good when the port is taken', async () => {
    const queue = await testDatabase('service_port');
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(start({ QUEUE_DATABASE_URL: queue.url, PORT: `${port}` })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
    other.close();
  });

  it('does not start beyond loopback without a key, nor without its queue', async () => {
    const queue = await testDatabase('service_key');
    await expect(
      start({ QUEUE_DATABASE_URL: queue.url, API_KEY: '0123456789abcde', HOST: '0.0.0.0' }),
    ).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    const nowhere = new URL(queue.url);
    nowhere.port = '1';
    await expect(start({ QUEUE_DATABASE_URL: nowhere.href })).rejects.toMatchObject({
      code: 'QUEUE_UNAVAILABLE',
    });
  });
});

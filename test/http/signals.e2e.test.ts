import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../src/lib/free-port.ts';
import { builtFile } from '../support/built.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import type { FaultProxy } from '../support/fault-proxy.ts';
import { testDatabase } from '../support/postgres.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { scratchDirectory } from '../support/scratch.ts';

const apiKey = 'the-key-of-this-test';
const headers = { Authorization: `Bearer ${apiKey}`, 'Content-Type': 'application/json' };

/** The built service as a process of its own, with a job that can be held up. */
describe('signals', () => {
  let directory: string;
  let source: TestDatabase;
  let proxy: FaultProxy;
  let queueProxy: FaultProxy;
  let child: ChildProcess | null = null;
  let output = '';

  beforeAll(async () => {
    directory = await scratchDirectory('signals');
    source = await testDatabase('signals');
    await source.query(
      `CREATE TABLE "Part" AS SELECT g AS id, repeat('x', 1000) AS t FROM generate_series(1, 20000) AS g`,
    );
    proxy = await startFaultProxy(source.url);
  });
  afterEach(() => {
    child?.kill('SIGKILL');
  });
  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  /** Resolves when the service is ready, or when `until` says so. */
  async function serve(until?: () => boolean): Promise<{ url: string; exited: Promise<number | null> }> {
    const port = await freePort();
    const queue = await testDatabase('signals_queue');
    queueProxy = await startFaultProxy(queue.url);
    const cwd = join(directory, String(port));
    await mkdir(cwd);
    output = '';
    const started = spawn(process.execPath, [builtFile('cli/bin.js'), 'serve'], {
      cwd,
      env: {
        PATH: process.env['PATH'],
        API_KEY: apiKey,
        PORT: String(port),
        DATA_DIRECTORY: join(cwd, 'data'),
        QUEUE_DATABASE_URL: queueProxy.through(queue.url),
        SRC_DATABASE_URL: proxy.through(source.url),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = started;
    for (const stream of [started.stdout, started.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
    }
    const exited = once(started, 'exit').then(([code]) => code as number | null);
    const url = `http://127.0.0.1:${port}`;
    const ready = () =>
      fetch(`${url}/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    await expect
      .poll(async () => (until === undefined ? ready() : until()), { timeout: 30_000, interval: 20 })
      .toBe(true);
    return { url, exited };
  }

  const startExport = (url: string): Promise<Response> =>
    fetch(`${url}/api/sync/export`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ environment: 'src', workers: 1 }),
    });

  /** Starts an export and holds it up in the middle of its rows. */
  async function hangingJob(url: string): Promise<string> {
    proxy.throttle(200_000);
    const response = await startExport(url);
    const { id } = (await response.json()) as { id: string };
    const reads = async (): Promise<boolean> => {
      const job = await (await fetch(`${url}/api/jobs/${id}`, { headers })).json();
      const { progress } = job as { progress: { steps: { id: string; state: string }[] } | null };
      return progress?.steps.some((step) => step.id === 'export' && step.state === 'running') ?? false;
    };
    await expect.poll(reads, { timeout: 20_000 }).toBe(true);
    return id;
  }

  it.each(['SIGTERM', 'SIGINT'] as const)('%s ends an idle service with 0', async (signal) => {
    const { exited } = await serve();
    child?.kill(signal);
    expect(await exited).toBe(0);
    expect(output).toContain('Stopping');
    expect(output).not.toContain('"level":50');
  });

  it.each(['reset', 'halfOpen'] as const)(
    'SIGTERM ends an idle service within seconds where its queue is gone: %s',
    async (fault) => {
      const { exited } = await serve();
      queueProxy[fault]();
      const before = performance.now();
      child?.kill('SIGTERM');
      expect(await exited).toBe(0);
      expect(performance.now() - before).toBeLessThan(15_000);
    },
  );

  it('one during the start ends it, with 0 and nothing left open', async () => {
    // The worker is not there yet when the port opens.
    const { exited } = await serve(() => output.includes('"Listening"'));
    child?.kill('SIGTERM');
    expect(await exited).toBe(0);
    expect(output).not.toContain('"level":50');
  });

  it('the first lets a running job end, and nothing new begin', async () => {
    const { url, exited } = await serve();
    const id = await hangingJob(url);
    child?.kill('SIGTERM');
    await expect.poll(async () => (await fetch(`${url}/ready`)).status).toBe(503);
    const stream = await fetch(`${url}/api/jobs/${id}/stream`, { headers });
    const late = await startExport(url);
    expect(late.status).toBe(503);
    proxy.heal();
    expect(await stream.text()).toContain('event: end');
    expect(await exited).toBe(0);
  });

  it('one that comes a second later leaves at once, with 1; until then it is the first once more', async () => {
    const { url, exited } = await serve();
    await hangingJob(url);
    proxy.halfOpen();
    const before = performance.now();
    const again = (): string => {
      child?.kill('SIGTERM');
      return output;
    };
    await expect.poll(again, { timeout: 30_000, interval: 100 }).toContain('Forced to end');
    const forced = performance.now();
    expect(forced - before).toBeGreaterThan(990);
    expect(await exited).toBe(1);
    expect(performance.now() - forced).toBeLessThan(9_000);
    proxy.heal();
  });
});

import { rm } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import type { JobView } from '../../src/jobs/job-view.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { lacks } from '../support/lacks.ts';
import { atFileEnd } from '../support/postgres.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { startTypesense } from '../support/typesense.ts';
import type { TestTypesense } from '../support/typesense-server.ts';
import { begins, serve, stepOf } from './service.ts';
import { collectionsOf, remains, serviceBench, statesOf } from './service-bench.ts';
import type { ServiceBench } from './service-bench.ts';
import { command } from '../harness/command.ts';
import { littleModels } from '../harness/models.ts';
import type { Models } from '../harness/models.ts';
import { configure } from '../harness/environment-pair.ts';

const request = { source: 'src', target: 'dst', confirm: 'dst' };
const old = { database: 'old', search: 'old' };
const fresh = { database: 'new', search: 'new' };
const patienceMs = 300_000;

describe.skipIf(lacks('typesense'))('jobs of the service', () => {
  let models: Models;
  let typesense: TestTypesense;

  beforeAll(async () => {
    [models, typesense] = await Promise.all([littleModels(), startTypesense()]);
  });

  async function preparedBench(): Promise<ServiceBench> {
    const bench = await serviceBench(models, typesense);
    expect(await command(bench, ['typesense', 'dst'])).toMatchObject({ code: 0 });
    return bench;
  }

  test.concurrent(
    'a stop lets the running job end; it is in the history of the next start',
    async () => {
      const bench = await preparedBench();
      const first = await serve(bench);
      const { id } = await first.post('/api/sync', request);
      await first.until(id, ({ state }) => state === 'running');
      expect(await first.stop()).toBe(0);
      expect(await statesOf(bench)).toEqual(fresh);
      const second = await serve(bench);
      const { jobs } = await second.get<{ jobs: JobView[] }>('/api/jobs');
      expect(jobs).toMatchObject([{ id, state: 'done', attempts: 1 }]);
      expect(await second.stop()).toBe(0);
      expect(await remains(bench, 1)).toEqual([]);
    },
    patienceMs,
  );

  test.concurrent(
    'cancelled while it loads, a job leaves nothing behind, and can be asked for again',
    async () => {
      const bench = await preparedBench();
      const proxy = await startFaultProxy(bench.target.url);
      const service = await serve({
        directory: bench.directory,
        env: { ...bench.env, DST_DATABASE_URL: proxy.through(bench.target.url) },
      });
      proxy.throttle(60_000);
      const { id } = await service.post('/api/sync', request);
      await service.until(id, (job) => stepOf(job) === 'load');
      expect(await service.post(`/api/jobs/${id}/cancel`)).toMatchObject({ state: 'cancelling' });
      // The wish is looked for every second: at full speed this load could be over by then.
      expect(await service.ended(id)).toMatchObject({ state: 'cancelled', error: { code: 'CANCELLED' } });
      proxy.heal();
      expect(await statesOf(bench)).toEqual(old);
      expect(await remains(bench, 0)).toEqual([]);
      const again = await service.post(`/api/jobs/${id}/retry`, { confirm: 'dst' });
      expect(await service.ended(again.id)).toMatchObject({ state: 'done', retryOf: id });
      expect(await statesOf(bench)).toEqual(fresh);
      expect(await service.stop()).toBe(0);
    },
    patienceMs,
  );

  test.concurrent(
    'a job whose process is killed three times is given up with a clear error, and a retry clears up',
    async () => {
      const bench = await preparedBench();
      const fault = begins('build');
      let service = await serve({ ...bench, fault });
      const { id } = await service.post('/api/sync', request);
      for (let death = 1; death <= 3; death += 1) {
        await service.struck();
        service = await serve(death === 3 ? bench : { ...bench, fault });
      }
      expect(await service.ended(id)).toMatchObject({
        state: 'failed',
        error: { code: 'JOB_WORKER_LOST', hint: expect.stringMatching(/./) as string },
        progress: { state: 'failed' },
      });
      expect(await statesOf(bench)).toEqual(old);
      const again = await service.post(`/api/jobs/${id}/retry`, { confirm: 'dst' });
      expect(await service.ended(again.id)).toMatchObject({ state: 'done', retryOf: id, attempts: 1 });
      expect(await statesOf(bench)).toEqual(fresh);
      expect(await remains(bench, 1)).toEqual([]);
      expect(await service.stop()).toBe(0);
    },
    patienceMs,
  );

  test.concurrent(
    'two services on one queue, each with its own data: a job runs once, one at a time',
    async () => {
      const bench = await preparedBench();
      const directory = await scratchDirectory('second-service');
      const other = { ...bench, directory, env: { ...bench.env, DATA_DIRECTORY: directory } };
      atFileEnd(() => rm(directory, { recursive: true, force: true }));
      await configure(directory, { tables: models.policies, collections: collectionsOf(bench.aliases) });
      const services = [await serve(bench), await serve(other)] as const;
      const asked = await Promise.all(
        [0, 1, 2, 3].map((n) => services[n % 2 === 0 ? 0 : 1].post('/api/sync', request)),
      );
      const ended = await Promise.all(asked.map(({ id }) => services[0].ended(id)));
      for (const job of ended) expect(job).toMatchObject({ state: 'done', attempts: 1 });
      const spans = ended
        .map(({ startedAt, finishedAt }) => [startedAt ?? 0, finishedAt ?? 0] as const)
        .toSorted(([one], [two]) => one - two);
      for (const [index, [start]] of spans.entries())
        expect(start).toBeGreaterThanOrEqual(spans[index - 1]?.[1] ?? 0);
      expect(await statesOf(bench)).toEqual(fresh);
      expect([...(await remains(bench, 4)), ...(await remains(other, 4))]).toEqual([]);
      for (const service of services) expect(await service.stop()).toBe(0);
    },
    patienceMs,
  );
});

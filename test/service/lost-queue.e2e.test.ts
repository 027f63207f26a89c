import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { contentOf } from '../harness/content.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { lacks } from '../support/lacks.ts';
import { serverUrl } from '../support/postgres.ts';
import { redisCommand, startRedis } from '../support/redis.ts';
import { serve, stepOf } from './service.ts';
import { leftovers, oldOrNew } from '../harness/aftermath.ts';
import { benchOf, smallModels } from '../harness/models.ts';

const request = { source: 'src', target: 'dst', confirm: 'dst' };

describe.skipIf(lacks('redis'))('a service whose Redis is emptied, or dies', () => {
  test('every job has one end on disk that is told, nothing runs twice, and SIGTERM ends it within seconds', async () => {
    const models = await smallModels();
    await models.source.query(
      `CREATE TABLE "long" AS SELECT n, repeat(md5(n::text), 32) AS v FROM generate_series(1, 4000) AS n`,
    );
    const bench = await benchOf({ ...models, sourceContent: await contentOf(models.source) });
    const [redis, source] = [await startRedis(), await startFaultProxy(serverUrl())];
    const env = {
      ...bench.env,
      REDIS_URL: redis.url,
      MAX_CONCURRENT_JOBS: '1',
      SRC_DATABASE_URL: source.through(models.source.url),
    };
    const recordOf = async (id: string): Promise<unknown> =>
      JSON.parse(await readFile(join(bench.directory, 'jobs', `${id}.json`), 'utf8'));
    const service = await serve({ directory: bench.directory, env });
    const slowly = async (): Promise<string> => {
      source.throttle(100_000);
      const { id } = await service.post('/api/sync', request);
      await service.until(id, (job) => stepOf(job) === 'export');
      return id;
    };

    const running = await slowly();
    const waiting = await service.post('/api/sync', request);
    const cancelled = await service.post('/api/sync', request);
    await service.post(`/api/jobs/${cancelled.id}/cancel`);
    await redisCommand(redis.url, 'FLUSHALL');
    expect(await service.get(`/api/jobs/${running}`)).toMatchObject({ state: 'running' });
    expect(await service.ended(waiting.id)).toMatchObject({ state: 'failed', error: { code: 'JOB_LOST' } });
    source.heal();
    expect(await service.ended(running)).toMatchObject({ state: 'done', receipt: { target: 'dst' } });
    expect(await oldOrNew(bench)).toBe('new');
    // It goes on with what is asked for now, and what it told stays so.
    const next = await service.post('/api/sync', request);
    expect(await service.ended(next.id)).toMatchObject({ state: 'done', attempts: 1 });
    expect(await recordOf(running)).toMatchObject({ state: 'done', undoneBy: null });
    expect(await recordOf(waiting.id)).toMatchObject({ state: 'failed', error: { code: 'JOB_LOST' } });
    expect((await service.get(`/api/jobs/${cancelled.id}`)).state).toMatch(/cancelled|failed/);

    // Its queue is dead, and the running job is not: it may end, and then nothing is waited for.
    const last = await slowly();
    await redis.kill();
    const stopped = service.stop();
    source.heal();
    const begun = performance.now();
    expect(await stopped).toBe(0);
    expect(performance.now() - begun).toBeLessThan(25_000);
    const record = (await recordOf(last)) as { state: string; finishedAt: number };
    expect(record.state).toBe('done');
    expect(await leftovers(bench)).toEqual([]);
    // Redis comes back with a job that somebody asked for, which its record says has ended: nobody runs it again.
    expect(await oldOrNew(bench)).toBe('new');
  });
});

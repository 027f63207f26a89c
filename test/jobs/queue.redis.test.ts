import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { redisCommand, startRedis } from '../support/redis.ts';
import type { TestRedis } from '../support/redis.ts';
import { claimConformance } from './conformance-claims.ts';
import { queueConformance } from './conformance.ts';
import { queueFaultConformance } from './conformance-faults.ts';
import { noticeConformance } from './conformance-notices.ts';
import { scheduleConformance } from './conformance-schedules.ts';
import { eventually, exportOf, fastTiming, gate, openHarness, receiptOf } from './queue-harness.ts';

let redis: TestRedis;

beforeAll(async () => {
  redis = await startRedis();
});

const usedBytes = async (url: string): Promise<number> =>
  Number(/used_memory_dataset:(\d+)/.exec(await redisCommand(url, 'INFO memory'))?.[1]);

queueConformance('Redis', () => ({ redisUrl: redis.url }));

claimConformance('Redis', () => ({ redisUrl: redis.url }));

scheduleConformance('Redis', () => ({ redisUrl: redis.url }));

noticeConformance('Redis', () => ({ redisUrl: redis.url }));

queueFaultConformance('Redis', () => ({
  address: { redisUrl: redis.url },
  cut: async () => {
    await redisCommand(redis.url, 'CLIENT KILL TYPE normal SKIPME yes');
  },
}));

describe('Redis that is full', () => {
  it('is told as full, grows no further, and a run ends when there is room again', async () => {
    const own = await startRedis();
    const harness = await openHarness({ redisUrl: own.url });
    try {
      const blocker = gate();
      let runs = 0;
      await harness.worker(async (_request, { jobId, emit }) => {
        runs += 1;
        for (let n = 0; n < 200; n += 1)
          emit({ type: 'log', at: n, level: 'info', message: 'x'.repeat(1_000), fields: {} });
        await blocker.opened;
        return receiptOf(jobId);
      });
      const running = await harness.queue.addJob(exportOf('a'));
      await harness.until(running, 'running');
      await redisCommand(own.url, 'CONFIG SET maxmemory 1');
      await expect(harness.queue.addJob(exportOf('b'))).rejects.toMatchObject({ code: 'QUEUE_FULL' });
      await expect(harness.queue.addJob(exportOf('c'))).rejects.toMatchObject({
        code: 'QUEUE_FULL',
        message: expect.stringContaining(`127.0.0.1:${new URL(own.url).port}`),
      });
      const before = await usedBytes(own.url);
      blocker.open();
      // Longer than a lock and a claim last.
      await delay(2 * fastTiming.lockMs);
      expect(await usedBytes(own.url)).toBeLessThan(before + 100_000);
      expect((await harness.queue.getJob(running)).state).toBe('running');
      await redisCommand(own.url, 'CONFIG SET maxmemory 0');
      expect(await harness.until(running, 'done')).toMatchObject({ attempts: 1, error: null });
      expect(runs).toBe(1);
      await harness.until(await harness.queue.addJob(exportOf('d')), 'done');
      // A job takes some kB; its lines are limited.
      expect(await usedBytes(own.url)).toBeLessThan(before + 400_000);
    } finally {
      await harness.close();
    }
  });

  it('that may throw jobs away is warned of, in our words', async () => {
    const own = await startRedis();
    await redisCommand(own.url, 'CONFIG SET maxmemory-policy allkeys-lru');
    const harness = await openHarness({ redisUrl: own.url });
    try {
      expect(harness.backend.warnings).toEqual([expect.stringContaining('noeviction')]);
      await harness.worker(async (_request, { jobId }) => receiptOf(jobId));
      await harness.until(await harness.queue.addJob(exportOf('a')), 'done');
    } finally {
      await harness.close();
    }
  });
});

describe('Redis that dies', () => {
  it('lets an idle worker and all connections close within seconds', async () => {
    const own = await startRedis();
    const harness = await openHarness({ redisUrl: own.url });
    await harness.worker(async (_request, { jobId }) => receiptOf(jobId));
    harness.events();
    await harness.until(await harness.queue.addJob(exportOf('a')), 'done');
    await own.kill();
    const asked = performance.now();
    await harness.close();
    expect(performance.now() - asked).toBeLessThan(10_000);
  });

  it('fails calls at once while it is away, and takes jobs again when it is back, even empty', async () => {
    const own = await startRedis();
    const harness = await openHarness({ redisUrl: own.url });
    try {
      const blocker = gate();
      let ended = 0;
      await harness.worker(async (_request, { jobId }) => {
        await blocker.opened;
        ended += 1;
        return receiptOf(jobId);
      });
      const lost = await harness.queue.addJob(exportOf('a'));
      await harness.until(lost, 'running');
      await own.kill();
      const asked = Date.now();
      await expect(harness.backend.ready()).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
      await expect(harness.queue.addJob(exportOf('b'))).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
      expect(Date.now() - asked).toBeLessThan(5_000);
      await own.restart();
      await eventually('it answers again', async () => {
        await harness.backend.ready();
        return true;
      });
      // The job that ran is not in the queue any more (this Redis keeps nothing); its run ends all the same.
      blocker.open();
      await eventually('the run ends', () => (ended === 1 ? true : null));
      const next = await harness.queue.addJob(exportOf('c'));
      await harness.until(next, 'done');
    } finally {
      await harness.close();
    }
  });

  it('is named without its password when it cannot be reached', async () => {
    const url = 'redis://user:planted-secret-7d1f@127.0.0.1:1';
    const error = await openHarness({ redisUrl: url }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
    expect((error as Error).message).toContain('127.0.0.1:1');
    expect((error as Error).message).toContain('ECONNREFUSED');
    expect((error as Error).message).not.toContain('planted-secret');
  });
});

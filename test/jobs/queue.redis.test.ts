import { once } from 'node:events';
import { connect } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { startRedis } from '../support/redis.ts';
import type { TestRedis } from '../support/redis.ts';
import { claimConformance } from './conformance-claims.ts';
import { queueConformance } from './conformance.ts';
import { queueFaultConformance } from './conformance-faults.ts';
import { eventually, exportOf, gate, openHarness, receiptOf } from './queue-harness.ts';

let redis: TestRedis;

beforeAll(async () => {
  redis = await startRedis();
});

/** One command over the plain protocol. */
async function command(url: string, text: string): Promise<void> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write(`${text}\r\n`);
  await once(socket, 'data');
  socket.destroy();
}

queueConformance('Redis', () => ({ redisUrl: redis.url }));

claimConformance('Redis', () => ({ redisUrl: redis.url }));

queueFaultConformance('Redis', () => ({
  address: { redisUrl: redis.url },
  cut: () => command(redis.url, 'CLIENT KILL TYPE normal SKIPME yes'),
}));

describe('Redis that dies', () => {
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

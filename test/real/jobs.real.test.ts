import { beforeAll, describe, expect, it } from 'vitest';
import type { QueueAddress } from '../jobs/queue-harness.ts';
import { grouped, judge } from '../jobs/stress/judge.ts';
import { stress } from '../jobs/stress/stress.ts';
import { lacks } from '../support/lacks.ts';
import { testDatabase } from '../support/postgres.ts';
import { startRedis } from '../support/redis.ts';

/** For each backend; TEST_JOBS asks for more or fewer. */
const jobs = Number(process.env['TEST_JOBS'] ?? 4_000);
const timeout = 120_000 + jobs * 1_000;

/**
 * 12 slots, 4 targets, a worker killed every 8 s, running jobs handed out once more; times shortened as in the other
 * tests of the queue.
 */
const options = {
  jobs,
  targets: ['a', 'b', 'c', 'd'],
  burst: 40,
  cancelled: 2,
  handedOutOneIn: 4,
  workers: 3,
  slots: 4,
  killEveryMs: 8_000,
} as const;

async function expectPromisesKept(backend: string, address: QueueAddress): Promise<void> {
  const { history, kills, seconds, sightings, handedOutAgain } = await stress(address, options);
  const violations = judge(history);
  const counts = grouped(history.outcomes.values(), ({ state }) => state);
  const ends = [...counts].map(([state, outcomes]) => `${outcomes.length} ${state}`).join(', ');
  const killed = history.runs.filter(({ end }) => end === null).length;
  console.log(
    `${backend}: ${history.asked.length} jobs (${ends}) in ${seconds} s; ${history.runs.length} runs, ` +
      `${kills} workers killed with ${killed} runs, ${handedOutAgain} hand-outs of running jobs; ${sightings} sightings; ${violations.length} violations`,
  );
  for (const [rule, found] of grouped(violations, (each) => each.rule))
    console.log(`${found.length}: ${rule}`);
  expect(violations.slice(0, 20)).toEqual([]);
  expect(history.asked).toHaveLength(jobs);
  // Else nothing was tried.
  expect(kills).toBeGreaterThanOrEqual(Math.floor(seconds / 15));
  expect(handedOutAgain).toBeGreaterThan(jobs / 100);
  if (kills > 20) expect(killed).toBeGreaterThan(0);
}

describe('thousands of jobs in bursts, on workers that are killed: one outcome each, one run of a target at a time, in order', () => {
  describe.skipIf(lacks('redis'))('Redis', () => {
    let address: QueueAddress;

    beforeAll(async () => {
      address = { redisUrl: (await startRedis()).url };
    });

    it('keeps its promises', { timeout }, () => expectPromisesKept('Redis', address));
  });

  describe('PostgreSQL', () => {
    let address: QueueAddress;

    beforeAll(async () => {
      address = { queueDatabaseUrl: (await testDatabase('queue_stress')).url };
    });

    it('keeps its promises', { timeout }, () => expectPromisesKept('PostgreSQL', address));
  });
});

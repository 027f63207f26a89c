import { beforeAll, describe, expect, it } from 'vitest';
import { privatePostgres, testDatabase } from '../support/postgres.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { claimConformance } from './conformance-claims.ts';
import { queueConformance } from './conformance.ts';
import { queueFaultConformance } from './conformance-faults.ts';
import { noticeConformance } from './conformance-notices.ts';
import { scheduleConformance } from './conformance-schedules.ts';
import { eventually, exportOf, fastTiming, gate, openHarness, receiptOf, syncTo } from './queue-harness.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase('queue');
});

queueConformance('PostgreSQL', () => ({ queueDatabaseUrl: database.url }));

claimConformance('PostgreSQL', () => ({ queueDatabaseUrl: database.url }));

scheduleConformance('PostgreSQL', () => ({ queueDatabaseUrl: database.url }));

noticeConformance('PostgreSQL', () => ({ queueDatabaseUrl: database.url }));

queueFaultConformance('PostgreSQL', () => ({
  address: { queueDatabaseUrl: database.url },
  cut: async () => {
    await database.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
  },
}));

describe('PostgreSQL that hands a running job out again', () => {
  it('never starts it twice, whenever BullMQ’s promotion of a delayed job comes too late', async () => {
    const harness = await openHarness({ queueDatabaseUrl: database.url });
    const second = await harness.again();
    try {
      // What `promote()` does when it read the state a moment too early: once for each job, after its second start.
      await database.query(
        `CREATE TABLE ${harness.name}.forced (id text PRIMARY KEY);
         CREATE FUNCTION ${harness.name}.force_promotion() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
           IF NEW.state = 'active' AND NEW.attempts_started >= 2
              AND NOT EXISTS (SELECT FROM ${harness.name}.forced WHERE id = NEW.id) THEN
             INSERT INTO ${harness.name}.forced VALUES (NEW.id);
             UPDATE ${harness.name}.job SET state = 'waiting' WHERE queue = NEW.queue AND id = NEW.id;
           END IF;
           RETURN NULL;
         END $$;
         CREATE TRIGGER forced AFTER UPDATE ON ${harness.name}.job FOR EACH ROW EXECUTE FUNCTION ${harness.name}.force_promotion()`,
      );
      const runs: string[] = [];
      for (const each of [harness, second]) {
        await each.worker(async (_request, { jobId }) => {
          runs.push(jobId);
          await new Promise((resolve) => setTimeout(resolve, 300));
          return receiptOf(jobId);
        });
      }
      const ids = [
        await harness.queue.addJob(syncTo('production')),
        await harness.queue.addJob(syncTo('production')),
        await harness.queue.addJob(syncTo('production')),
      ];
      for (const id of ids) expect(await harness.until(id, 'done')).toMatchObject({ attempts: 1 });
      expect(runs).toEqual(ids);
      const forced = await database.query(`SELECT count(*)::int AS jobs FROM ${harness.name}.forced`);
      expect(forced).toEqual([{ jobs: 2 }]);
    } finally {
      await second.close();
      await harness.close();
    }
  });
});

describe('PostgreSQL that dies', () => {
  it('fails calls at once while it is away, and goes on with the running job when it is back', async () => {
    // What is committed must outlive the server here.
    const own = await privatePostgres({ fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' });
    const harness = await openHarness({ queueDatabaseUrl: own.url });
    try {
      const blocker = gate();
      let runs = 0;
      await harness.worker(async (_request, { jobId }) => {
        runs += 1;
        await blocker.opened;
        return receiptOf(jobId);
      });
      const id = await harness.queue.addJob(exportOf('a'));
      await harness.until(id, 'running');
      await own.kill();
      const asked = Date.now();
      await expect(harness.backend.ready()).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
      await expect(harness.queue.addJob(exportOf('b'))).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
      expect(Date.now() - asked).toBeLessThan(5_000);
      // The job ends while there is nobody to tell.
      blocker.open();
      await own.restart();
      await eventually('it answers again', async () => {
        await harness.backend.ready();
        return true;
      });
      await harness.until(id, 'done');
      const next = await harness.queue.addJob(exportOf('c'));
      await harness.until(next, 'done');
      expect(runs).toBe(2); // one each
    } finally {
      await harness.close();
    }
  });

  it('costs a running job nothing when it is away for longer than the job’s lock', async () => {
    const own = await privatePostgres({ fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' });
    const harness = await openHarness({ queueDatabaseUrl: own.url });
    try {
      const blocker = gate();
      let runs = 0;
      let aborted = false;
      await harness.worker(async (_request, { jobId, signal }) => {
        runs += 1;
        await blocker.opened;
        aborted = signal.aborted;
        return receiptOf(jobId);
      });
      const id = await harness.queue.addJob(syncTo('production'));
      await harness.until(id, 'running');
      await own.kill();
      const backAt = Date.now() + fastTiming.lockMs + 200;
      await eventually('the lock has run out', () => (Date.now() > backAt ? true : null));
      await own.restart();
      blocker.open();
      expect(await harness.until(id, 'done')).toMatchObject({ receipt: { jobId: id } });
      const next = await harness.queue.addJob(syncTo('production'));
      await harness.until(next, 'done');
      expect(runs).toBe(2); // one each
      expect(aborted).toBe(false);
    } finally {
      await harness.close();
    }
  });

  it('is named without its password when it cannot be reached or does not let us in', async () => {
    const away = 'postgresql://user:planted-secret-7d1f@127.0.0.1:1/queue';
    const unreachable = await openHarness({ queueDatabaseUrl: away }).catch((thrown: unknown) => thrown);
    expect(unreachable).toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
    expect((unreachable as Error).message).toContain('user@127.0.0.1:1/queue');
    expect((unreachable as Error).message).not.toContain('planted-secret');
  });

  it('is refused through a transaction pooler', async () => {
    const pooled = new URL(database.url);
    pooled.searchParams.set('pgbouncer', 'true');
    await expect(openHarness({ queueDatabaseUrl: pooled.href })).rejects.toMatchObject({
      code: 'CONFIG_POOLER',
    });
  });
});

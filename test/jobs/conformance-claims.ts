import { describe, expect, it } from 'vitest';
import type { RunQueuedJob } from '../../src/jobs/active-run.ts';
import { claimOf } from '../../src/jobs/claims/claims.ts';
import type { StatusWrite } from '../../src/jobs/claims/claims.ts';
import { unstarted } from '../../src/jobs/job-status.ts';
import type { JobView } from '../../src/jobs/job-view.ts';
import type { Receipt } from '../../src/sync/contract/receipts.ts';
import { eventually, exportOf, gate, openQueues, receiptOf, snapshotOf, syncTo } from './queue-harness.ts';
import type { Harness, QueueAddress } from './queue-harness.ts';

/** A run that notes what runs beside it, and in what order. */
function witness(lastsMs: number): {
  run: RunQueuedJob;
  order: string[];
  collisions: string[];
} {
  const order: string[] = [];
  const collisions: string[] = [];
  const running = new Set<string>();
  return {
    order,
    collisions,
    run: async (request, { jobId }) => {
      const target = request.kind === 'sync' ? request.input.target : jobId;
      if (running.has(target)) collisions.push(jobId);
      running.add(target);
      order.push(jobId);
      await new Promise((resolve) => setTimeout(resolve, lastsMs));
      running.delete(target);
      return receiptOf(jobId);
    },
  };
}

/** What two attempts at one job, or two jobs of one target, must never do, on either backend. */
export function claimConformance(backendName: string, address: () => QueueAddress): void {
  const { open, again } = openQueues(address);

  /** The harness with each status written late: the moment between a look and its write becomes long. */
  const slowly = (harness: Harness): Harness => {
    const { claims } = harness.backend;
    const direct = { ...claims };
    Object.assign(claims, {
      write: async (input: StatusWrite) => {
        await new Promise((resolve) => setTimeout(resolve, 100));
        return direct.write(input);
      },
    });
    return harness;
  };

  describe(`claims of the queue on ${backendName}`, () => {
    it('starts one job of a target at a time, in order, however late its start is written', async () => {
      const first = slowly(await open());
      const second = slowly(await again(first));
      const { run, order, collisions } = witness(20);
      for (const harness of [first, second]) await harness.worker(run, { maxConcurrent: 3 });
      const ids = await Promise.all(
        Array.from({ length: 8 }, async (_, index) => first.queue.addJob(syncTo(index % 2 ? 'a' : 'b'))),
      );
      for (const id of ids) expect(await first.until(id, 'done')).toMatchObject({ attempts: 1 });
      expect(collisions).toEqual([]);
      for (const half of [0, 1]) {
        const own = ids.filter((_, index) => index % 2 === half);
        expect(order.filter((id) => own.includes(id))).toEqual(own);
      }
    });

    it('leaves a running job alone that the queue hands out once more, in this process or another', async () => {
      const first = await open();
      const second = await again(first);
      for (const others of [[first], [first, second]]) {
        const blocker = gate();
        let runs = 0;
        const run: RunQueuedJob = async (_request, { jobId, emit, signal }) => {
          runs += 1;
          emit({ type: 'progress', progress: snapshotOf(jobId, 1) });
          await blocker.opened;
          signal.throwIfAborted();
          return receiptOf(jobId);
        };
        const workers = [await first.worker(run)];
        const id = await first.queue.addJob(syncTo('production'));
        await first.until(id, 'running');
        for (const harness of others.slice(1)) workers.push(await harness.worker(run));
        const seen: JobView[] = [];
        const stop = first.events().subscribe(id, { onJob: (job) => seen.push(job) });
        const queue = first.backend.queue.getBackend();
        await queue.moveJobFromActiveToWait(id, '0');
        await eventually('it was handed out again', async () => {
          const job = await first.backend.queue.getJob(id);
          return (job?.attemptsStarted ?? 0) >= 2 && (await job?.getState()) === 'active' ? true : null;
        });
        // Longer than a look at the claim, and than a status takes.
        await new Promise((resolve) => setTimeout(resolve, 500));
        blocker.open();
        expect(await first.until(id, 'done')).toMatchObject({ attempts: 1, receipt: { jobId: id } });
        await eventually('it is filed', async () =>
          (await first.backend.queue.getJobState(id)) === 'completed' ? true : null,
        );
        expect(runs).toBe(1);
        expect(new Set(seen.map(({ state }) => state))).not.toContain('failed');
        stop();
        for (const worker of workers) await worker.stop();
      }
    });

    it('keeps an outcome for good, and a claim from everybody but its holder', async () => {
      const { queue, backend, worker, until } = await open();
      const { claims } = backend;
      const done = await queue.addJob(exportOf('a'));
      const running = await worker((_request, { jobId }) => Promise.resolve(receiptOf(jobId)));
      await until(done, 'done');
      await running.stop();
      const late = claimOf(done, exportOf('a'), 'zombie');
      expect(await claims.hold(late, 60_000)).toBeNull();
      const failed = { ...unstarted, startedAt: 1, attempts: 9 };
      const write = { jobId: done, claim: late, status: failed, begins: false };
      expect(await claims.write(write)).toBe('ended');
      expect(await queue.getJob(done)).toMatchObject({ state: 'done', attempts: 1 });

      const open_ = await queue.addJob(syncTo('production'));
      const [mine, other] = ['one', 'two'].map((name) => claimOf(open_, syncTo('production'), name));
      if (mine === undefined || other === undefined) throw new Error('two claims');
      expect(await claims.hold(mine, 200)).toBeNull();
      expect(await claims.hold(mine, 200)).toBeNull();
      expect(await claims.hold(other, 60_000)).toBe(mine.holder);
      await claims.release(other);
      expect(await claims.write({ ...write, jobId: open_, claim: other })).toBe('taken');
      // Whoever falls silent loses it, and what it writes then is not taken.
      await eventually('the claim has run out', async () =>
        (await claims.hold(other, 60_000)) === null ? true : null,
      );
      expect(await claims.hold(mine, 200)).toBe(other.holder);
      expect(await claims.write({ ...write, jobId: open_, claim: mine })).toBe('taken');
      expect(await claims.write({ ...write, jobId: 'unknown', claim: other })).toBe('gone');
      // A wish to cancel that came first: the run does not begin, whatever was read before.
      await queue.cancelJob(open_);
      expect(await claims.write({ ...write, jobId: open_, claim: other, begins: true })).toBe('cancelled');
      expect((await queue.getJob(open_)).state).toBe('cancelled');
    });

    it('stores a short form of what grows with the databases, and says so', async () => {
      const { queue, worker, until, backend } = await open();
      const big: Receipt = {
        ...receiptOf('x'),
        tables: Array.from({ length: 5_000 }, (_, index) => ({
          table: `public.a_table_with_a_long_name_${index}`,
          rows: index,
          content: 'source' as const,
          digest: 'f'.repeat(32),
          equal: true,
        })),
      };
      await worker(async (_request, { jobId, emit }) => {
        for (let line = 0; line < 200; line += 1)
          emit({ type: 'log', level: 'info', at: line, message: 'x'.repeat(5_000), fields: {} });
        emit({ type: 'progress', progress: snapshotOf(jobId, 1) });
        return { ...big, jobId };
      });
      const id = await queue.addJob(exportOf('a'));
      const job = await until(id, 'done');
      expect(job).toMatchObject({ shortened: true, receipt: { rows: 7 } });
      if (job.receipt?.type !== 'receipt') throw new Error('a receipt');
      expect(job.receipt.tables.length).toBeGreaterThan(10);
      expect(job.receipt.warnings.join(' ')).toContain('of 5000 tables');
      const lines = await queue.logs(id);
      expect(JSON.stringify(lines).length).toBeLessThan(80_000);
      expect(lines.at(-1)?.message).toContain('left out');
      const stored = await eventually('it is filed', async () => {
        const filed = await backend.queue.getJob(id);
        return filed?.finishedOn === undefined ? null : JSON.stringify(filed.asJSON());
      });
      expect(stored.length).toBeLessThan(40_000);
      const [listed] = (await queue.listJobs({ limit: 1 })).jobs;
      expect(JSON.stringify(listed).length).toBeLessThan(2_000);
    });
  });
}

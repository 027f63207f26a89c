import { describe, expect, it } from 'vitest';
import { SyncError } from '../../src/errors/sync-error.ts';
import type { JobView } from '../../src/jobs/job-view.ts';
import type { JobRequest } from '../../src/sync/contract/requests.ts';
import {
  eventually,
  exportOf,
  gate,
  receiptOf,
  snapshotOf,
  syncTo,
  untilAborted,
  openQueues,
} from './queue-harness.ts';
import type { Gate, QueueAddress } from './queue-harness.ts';

const plantedSecret = 'planted-secret-7d1f';

/** What both backends must do alike. Each test has a queue of its own on the shared server. */
export function queueConformance(backendName: string, address: () => QueueAddress): void {
  const { open, again } = openQueues(address);

  describe(`the queue on ${backendName}`, () => {
    it('gives back what was asked for', async () => {
      const { queue } = await open();
      const request = syncTo('production');
      const id = await queue.addJob(request, { actor: 'ada' });
      expect(id).toMatch(/^\d{8}t\d{6}-sync-[0-9a-z]{10}$/);
      expect(await queue.getJob(id)).toMatchObject({
        id,
        kind: 'sync',
        state: 'queued',
        request,
        source: 'staging',
        target: 'production',
        actor: 'ada',
        progress: null,
        receipt: null,
        error: null,
        startedAt: null,
        finishedAt: null,
        attempts: 0,
        retryOf: null,
      });
      await expect(queue.getJob('20260101t000000-sync-000000')).rejects.toMatchObject({
        code: 'USAGE_NOT_FOUND',
      });
      await expect(queue.logs('20260101t000000-sync-000000')).rejects.toMatchObject({
        code: 'USAGE_NOT_FOUND',
      });
    });

    it('lists the newest first, in pages and by filter', async () => {
      const { queue, worker, until } = await open();
      const ids: string[] = [];
      for (const environment of ['a', 'b', 'c', 'd', 'e'])
        ids.push(await queue.addJob(exportOf(environment)));
      await worker((request, { jobId }) =>
        JSON.stringify(request).includes('"c"')
          ? Promise.reject(new SyncError('SOURCE_UNAVAILABLE', 'Cannot connect.'))
          : Promise.resolve(receiptOf(jobId)),
      );
      for (const [index, id] of ids.entries()) await until(id, index === 2 ? 'failed' : 'done');
      const newest = ids.toReversed();
      const first = await queue.listJobs({ limit: 2 });
      expect(first.jobs.map((job) => job.id)).toEqual(newest.slice(0, 2));
      const second = await queue.listJobs({ limit: 3, before: first.before ?? '' });
      expect(second.jobs.map((job) => job.id)).toEqual(newest.slice(2));
      expect(second.before).toBeNull();
      expect((await queue.listJobs({ limit: 9, state: 'failed' })).jobs.map((job) => job.id)).toEqual([
        ids[2],
      ]);
      expect((await queue.listJobs({ limit: 9, environment: 'e' })).jobs.map((job) => job.id)).toEqual([
        ids[4],
      ]);
      expect((await queue.listJobs({ limit: 9, kind: 'sync' })).jobs).toEqual([]);
      expect(await queue.countByState()).toMatchObject({ queued: 0, running: 0, done: 4, failed: 1 });
    });

    it('runs in the order of asking, and never more side by side than allowed', async () => {
      const { queue, worker, until } = await open();
      const order: string[] = [];
      let running = 0;
      let most = 0;
      const ids: string[] = [];
      for (let index = 0; index < 6; index += 1) ids.push(await queue.addJob(exportOf(`env${index}`)));
      await worker(
        async (_request, { jobId }) => {
          order.push(jobId);
          running += 1;
          most = Math.max(most, running);
          // The next starts only when this one is seen to run: otherwise the limit would never be reached.
          await eventually('two run, or the last ones', () =>
            running === 2 || order.length > 4 ? true : null,
          );
          running -= 1;
          return receiptOf(jobId);
        },
        { maxConcurrent: 2 },
      );
      for (const id of ids) await until(id, 'done');
      expect([...order].sort()).toEqual([...ids].sort());
      // Two are taken up at a time, and either of them may be the first to run; nobody overtakes more than one.
      const places = order.map((id, place) => ids.indexOf(id) - place);
      expect(places.filter((shift) => Math.abs(shift) > 1)).toEqual([]);
      expect(most).toBe(2);
    });

    it('lets one job at a time write to a target, in order, across workers, while others go on', async () => {
      const first = await open();
      const second = await again(first);
      const gates = new Map<string, Gate>();
      const order: string[] = [];
      const writing = new Set<string>();
      const collisions: string[] = [];
      const run = async (request: JobRequest, { jobId }: { jobId: string }) => {
        const target = request.kind === 'sync' ? request.input.target : jobId;
        if (writing.has(target)) collisions.push(jobId);
        writing.add(target);
        order.push(jobId);
        await gates.get(jobId)?.opened;
        writing.delete(target);
        return receiptOf(jobId);
      };
      const ids: string[] = [];
      for (let index = 0; index < 3; index += 1) ids.push(await first.queue.addJob(syncTo('production')));
      for (const id of ids) gates.set(id, gate());
      await first.worker(run, { maxConcurrent: 2 });
      await second.worker(run, { maxConcurrent: 2 });
      await first.until(ids[0]!, 'running');
      const other = await first.queue.addJob(syncTo('dev'));
      await first.until(other, 'done');
      expect((await first.queue.getJob(ids[1]!)).state).toBe('queued');
      expect((await first.queue.getJob(ids[1]!)).attempts).toBe(0);
      for (const id of ids) {
        await first.until(id, 'running');
        gates.get(id)?.open();
        await first.until(id, 'done');
      }
      expect(order.filter((id) => id !== other)).toEqual(ids);
      expect(collisions).toEqual([]);
    });

    it('cancels a job that waits: it never runs, and everyone sees the end at once', async () => {
      const { queue, worker, until, events } = await open();
      const started: string[] = [];
      const blocker = gate();
      await worker(
        async (_request, { jobId }) => {
          started.push(jobId);
          await blocker.opened;
          return receiptOf(jobId);
        },
        { maxConcurrent: 1 },
      );
      const first = await queue.addJob(exportOf('a'));
      await until(first, 'running');
      const second = await queue.addJob(exportOf('b'));
      const seen: JobView[] = [];
      events().subscribe(second, { onJob: (job) => seen.push(job) });
      const answer = await queue.cancelJob(second, { actor: 'ada' });
      expect(answer).toMatchObject({
        state: 'cancelled',
        error: { code: 'CANCELLED', category: 'cancelled' },
      });
      expect(answer.error?.message).toContain('ada');
      await eventually('the listener sees it', () => (seen.at(-1)?.state === 'cancelled' ? true : null));
      await expect(queue.cancelJob(second)).rejects.toMatchObject({ code: 'CONFLICT_STATE' });
      blocker.open();
      const third = await queue.addJob(exportOf('c'));
      await until(third, 'done');
      expect(started).toEqual([first, third]);
      expect(await queue.getJob(second)).toEqual(answer);
    });

    it('runs the same request again as a new, linked job', async () => {
      const { queue, worker, until } = await open();
      let fails = true;
      await worker((_request, { jobId }) =>
        fails
          ? Promise.reject(new SyncError('TARGET_DISK_FULL', 'No space.', { details: { table: 'x' } }))
          : Promise.resolve(receiptOf(jobId, 9)),
      );
      const id = await queue.addJob(syncTo('production'));
      const failed = await until(id, 'failed');
      expect(failed.error).toMatchObject({
        code: 'TARGET_DISK_FULL',
        category: 'target',
        message: 'No space.',
        details: { table: 'x' },
      });
      fails = false;
      const next = await queue.retryJob(id, { actor: 'bob' });
      expect(next).not.toBe(id);
      expect(await until(next, 'done')).toMatchObject({
        retryOf: id,
        actor: 'bob',
        request: failed.request,
        receipt: { rows: 9 },
      });
      expect((await queue.getJob(id)).state).toBe('failed');
    });

    it('does not run a job again that has not ended', async () => {
      const { queue } = await open();
      const id = await queue.addJob(exportOf('a'));
      await expect(queue.retryJob(id)).rejects.toMatchObject({ code: 'CONFLICT_STATE' });
    });

    it('stops a job that runs too long', async () => {
      const { queue, worker, until } = await open();
      await worker(untilAborted, { timeoutMinutes: 0.003 });
      const id = await queue.addJob(exportOf('a'));
      expect((await until(id, 'cancelled')).error).toMatchObject({
        code: 'TIMED_OUT',
        category: 'cancelled',
      });
    });

    it('tells snapshots in order, at most about 4 a second, the last always, and the lines', async () => {
      const first = await open();
      const second = await again(first);
      const total = 300;
      const startedAt = Date.now();
      await first.worker(async (_request, { jobId, emit }) => {
        for (let sequence = 1; sequence <= total; sequence += 1) {
          emit({ type: 'progress', progress: snapshotOf(jobId, sequence) });
          if (sequence % 100 === 0) {
            emit({
              type: 'log',
              level: 'info',
              at: sequence,
              message: `line ${sequence}`,
              fields: { rows: 1 },
            });
          }
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        emit({
          type: 'progress',
          progress: snapshotOf(jobId, total + 1, { state: 'done', percent: 100, message: 'All equal.' }),
        });
        return receiptOf(jobId);
      });
      const id = await second.queue.addJob(exportOf('a'));
      const seen: JobView[] = [];
      const everyone: JobView[] = [];
      const lines: string[] = [];
      const events = second.events();
      events.subscribeAll((job) => everyone.push(job));
      events.subscribe(id, {
        onJob: (job) => seen.push(job),
        onLog: (fresh) => lines.push(...fresh.map((line) => line.message)),
      });
      await eventually('the end', () => (seen.at(-1)?.state === 'done' ? true : null));
      const seconds = (Date.now() - startedAt) / 1000;
      const sequences = seen.map((job) => job.progress?.sequence ?? 0);
      expect(sequences).toEqual(sequences.toSorted((one, other) => one - other));
      expect(sequences.length).toBeLessThanOrEqual(seconds * 4 + 6);
      expect(sequences.length).toBeGreaterThan(4);
      expect(seen.at(-1)?.progress).toMatchObject({
        sequence: total + 1,
        percent: 100,
        message: 'All equal.',
      });
      expect(lines).toEqual(['line 100', 'line 200', 'line 300']);
      expect(await second.queue.logs(id, { from: 2 })).toEqual([
        { at: 300, level: 'info', message: 'line 300', fields: { rows: 1 } },
      ]);
      await eventually('all listeners', () => (everyone.at(-1)?.state === 'done' ? true : null));
      const late: JobView[] = [];
      events.subscribe(id, { onJob: (job) => late.push(job) });
      await eventually('the present state', () => (late.length > 0 ? true : null));
      expect(late.map((job) => job.state)).toEqual(['done']);
    });

    it('stores no secret: not of the request, not of an unexpected error', async () => {
      const { queue, worker, until, backend, logged } = await open();
      const wrong = {
        kind: 'export',
        input: { environment: 'a', url: plantedSecret },
      } as unknown as JobRequest;
      const refused = await queue.addJob(wrong).catch((error: unknown) => error);
      expect(refused).toMatchObject({ code: 'USAGE_INVALID' });
      expect((refused as Error).message).not.toContain(plantedSecret);
      await worker(() => Promise.reject(new Error(`password=${plantedSecret}`)));
      const id = await queue.addJob(exportOf('a'));
      const failed = await until(id, 'failed');
      expect(failed.error).toMatchObject({ code: 'INTERNAL' });
      const job = await backend.queue.getJob(id);
      const stored = JSON.stringify(job?.asJSON());
      expect(stored).toContain('"version":1'.replaceAll('"', '\\"'));
      expect(stored + JSON.stringify(failed) + logged.join('\n')).not.toContain(plantedSecret);
    });

    it('refuses a job of another version and lists the others', async () => {
      const { queue, worker, backend, until } = await open();
      await backend.queue.add('sync', { version: 2, request: {} }, { jobId: '20260101t000000-sync-00aaaa' });
      const id = await queue.addJob(exportOf('a'));
      await worker((_request, { jobId }) => Promise.resolve(receiptOf(jobId)));
      await until(id, 'done');
      expect((await queue.listJobs({ limit: 9 })).jobs.map((job) => job.id)).toEqual([id]);
      await expect(queue.getJob('20260101t000000-sync-00aaaa')).rejects.toMatchObject({
        code: 'USAGE_INVALID',
      });
    });
  });
}

import { readdir, rm } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { SyncError } from '../../src/errors/sync-error.ts';
import { openJobEvents } from '../../src/jobs/job-events.ts';
import type { JobView } from '../../src/jobs/job-view.ts';
import {
  eventually,
  exportOf,
  fastTiming,
  gate,
  openHarness,
  receiptOf,
  snapshotOf,
  syncTo,
  untilAborted,
  openQueues,
} from './queue-harness.ts';
import type { QueueAddress } from './queue-harness.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { leaveServer } from '../support/postgres.ts';
import { spawnWorker } from './worker-process.ts';

export interface QueueServer {
  readonly address: QueueAddress;
  /** Ends every connection to the server from the server's side. */
  cut(): Promise<void>;
}

/** What both backends must bear alike: workers that die or live elsewhere, lost events, lost connections, stops. */
export function queueFaultConformance(backendName: string, server: () => QueueServer): void {
  const { open, again } = openQueues(() => server().address);

  describe(`faults of the queue on ${backendName}`, () => {
    it('cancels a job that runs in another process', async () => {
      const harness = await open();
      const child = await spawnWorker(server().address, harness.name);
      try {
        const id = await harness.queue.addJob(syncTo('production'));
        await child.started(id);
        await harness.until(id, 'running');
        expect((await harness.queue.cancelJob(id)).state).toBe('cancelling');
        const ended = await harness.until(id, 'cancelled');
        expect(ended).toMatchObject({ error: { code: 'CANCELLED' }, progress: { state: 'cancelled' } });
      } finally {
        await child.kill();
      }
    });

    it('gives a job of a worker that was killed to another, with snapshots that go on counting', async () => {
      const harness = await open();
      const child = await spawnWorker(server().address, harness.name);
      const id = await harness.queue.addJob(syncTo('production'));
      await child.started(id);
      await eventually('its snapshot', async () => (await harness.queue.getJob(id)).progress);
      await child.kill();
      let busyOnce = true;
      await harness.worker(async (_request, { jobId, emit }) => {
        emit({ type: 'progress', progress: snapshotOf(jobId, 1) });
        if (busyOnce) {
          // The dead worker's database session lives a little longer.
          busyOnce = false;
          throw new SyncError('CONFLICT_TARGET_BUSY', 'Another run is writing to this target.');
        }
        return receiptOf(jobId);
      });
      const ended = await harness.until(id, 'done');
      expect(ended).toMatchObject({ attempts: 2, receipt: { jobId: id } });
      expect(ended.progress?.sequence).toBeGreaterThan(41);
    });

    it('frees the jobs of a process that was killed here at once, and those of no living one', async () => {
      const harness = await open();
      const heldLocksDirectory = await scratchDirectory('held-locks');
      const patient = { heldLocksDirectory, timing: { lockMs: 60_000 } };
      const living = await spawnWorker(server().address, harness.name, patient);
      const dying = await spawnWorker(server().address, harness.name, patient);
      try {
        const ids: string[] = [];
        for (let count = 1; count <= 4; count += 1)
          ids.push(await harness.queue.addJob(exportOf(`e${count}`)));
        for (const id of ids) await harness.until(id, 'running');
        const whose = await Promise.all(
          ids.map(async (id) => {
            const job = await harness.backend.queue.getJob(id);
            return { id, dead: job?.processedBy === dying.name };
          }),
        );
        expect(whose.filter(({ dead }) => dead)).toHaveLength(2);
        await dying.kill();
        const { heldLocksDirectory: directory, timing } = patient;
        await harness.worker((_request, { jobId }) => Promise.resolve(receiptOf(jobId)), {
          heldLocksDirectory: directory,
          timing,
        });
        for (const { id, dead } of whose) {
          if (dead) expect(await harness.until(id, 'done')).toMatchObject({ attempts: 2 });
          else expect(await harness.queue.getJob(id)).toMatchObject({ state: 'running', attempts: 1 });
        }
        const sorted = (names: string[]): string[] => names.toSorted((a, b) => a.localeCompare(b));
        const expected = sorted(whose.flatMap(({ id, dead }) => (dead ? [] : [id])));
        // A job shows its end before its note goes.
        await eventually('only notes of the living one are left', async () => {
          const notes = sorted((await readdir(heldLocksDirectory)).map((name) => name.split('.')[0] ?? ''));
          return notes.join() === expected.join() ? true : null;
        });
      } finally {
        await living.kill();
        await dying.kill();
        await rm(heldLocksDirectory, { recursive: true });
      }
    });

    it('gives a job up when its worker dies again and again', async () => {
      const harness = await open();
      const id = await harness.queue.addJob(syncTo('production'));
      for (let death = 1; death <= 3; death += 1) {
        const service = await again(harness);
        const worker = await service.worker(untilAborted);
        await eventually(`run ${death}`, async () => {
          const job = await harness.queue.getJob(id);
          return job.state === 'running' && job.attempts === death ? job : null;
        });
        await eventually('it is here', () => (worker.running === 1 ? true : null));
        await worker.stop({ force: true });
        expect((await harness.queue.getJob(id)).state).toBe('running');
      }
      await harness.worker(untilAborted);
      const ended = await harness.until(id, 'failed');
      expect(ended.error).toMatchObject({ code: 'JOB_WORKER_LOST' });
    });

    it('tells the end even when no event is heard', async () => {
      const first = await open();
      const elsewhere = await open();
      const { queue } = first;
      const deaf = openJobEvents({
        // The events of another queue: none of them is about this job.
        backend: { ...first.backend, newEvents: () => elsewhere.backend.newEvents() },
        queue,
        log: { info: () => {}, warn: () => {}, error: () => {} },
        now: Date.now,
        timing: fastTiming,
      });
      try {
        const id = await queue.addJob(exportOf('a'));
        const states: string[] = [];
        const everyone: string[] = [];
        deaf.subscribe(id, { onJob: (job) => states.push(job.state) });
        deaf.subscribeAll((job) => everyone.push(job.state));
        await eventually('the first state', () => (states.length > 0 && everyone.length > 0 ? true : null));
        await first.worker((_request, { jobId }) => Promise.resolve(receiptOf(jobId)));
        await eventually('the end', () =>
          states.at(-1) === 'done' && everyone.at(-1) === 'done' ? true : null,
        );
        expect(states[0]).toBe('queued');
      } finally {
        await deaf.close();
      }
    });

    it('tells the end to a new listener though an old one has left, and nothing after the close', async () => {
      const { backend, queue, worker, until } = await open();
      const id = await queue.addJob(exportOf('a'));
      await worker((_request, { jobId }) => Promise.resolve(receiptOf(jobId)));
      await until(id, 'done');
      let slow = gate();
      let begun = 0;
      let read = 0;
      const getJob = async (jobId: string): Promise<JobView> => {
        begun += 1;
        if (begun === 2) throw new SyncError('QUEUE_UNAVAILABLE', 'The queue does not answer.');
        await slow.opened;
        const job = await queue.getJob(jobId);
        read += 1;
        return job;
      };
      const events = openJobEvents({
        backend,
        queue: { getJob, logs: (jobId, options) => queue.logs(jobId, options) },
        log: { info: () => {}, warn: () => {}, error: () => {} },
        now: Date.now,
        timing: fastTiming,
      });
      try {
        const told: string[] = [];
        const leave = events.subscribe(id, { onJob: () => told.push('the one that has left') });
        leave();
        events.subscribe(id, { onJob: (job) => told.push(job.state) });
        // Once more, by mistake: it is not the new listener's leaving.
        leave();
        slow.open();
        await eventually('the end', () => (told.length > 0 ? true : null));
        slow = gate();
        const before = read;
        events.subscribe(id, { onJob: () => told.push('after the close') });
        const closed = events.close();
        slow.open();
        await closed;
        await eventually('it was read', () => (read > before ? true : null));
        expect(told).toEqual(['done']);
      } finally {
        await events.close();
      }
    });

    it('keeps queued jobs over a restart of the service, and lets running ones end first', async () => {
      const first = await open();
      const blocker = gate();
      const worker = await first.worker(
        async (_request, { jobId }) => {
          await blocker.opened;
          return receiptOf(jobId);
        },
        { maxConcurrent: 1 },
      );
      const running = await first.queue.addJob(exportOf('a'));
      const waiting = await first.queue.addJob(exportOf('b'));
      await first.until(running, 'running');
      const stopped = worker.stop();
      blocker.open();
      await stopped;
      expect((await first.queue.getJob(running)).state).toBe('done');
      expect((await first.queue.getJob(waiting)).state).toBe('queued');
      const next = await again(first);
      await first.close();
      await next.worker((_request, { jobId }) => Promise.resolve(receiptOf(jobId)));
      await next.until(waiting, 'done');
    });

    it('cancels what does not end while it stops, and leaves at once when told so', async () => {
      const first = await open();
      const slow = await first.worker(untilAborted);
      const id = await first.queue.addJob(exportOf('a'));
      await first.until(id, 'running');
      await slow.stop({ drainMs: 50 });
      expect(await first.queue.getJob(id)).toMatchObject({
        state: 'cancelled',
        error: { code: 'CANCELLED' },
      });

      const deaf = await again(first);
      const stuck = await deaf.worker(() => new Promise(() => {}));
      const other = await first.queue.addJob(exportOf('b'));
      await first.until(other, 'running');
      const polite = stuck.stop();
      await stuck.stop({ force: true });
      await polite;
      expect((await first.queue.getJob(other)).state).toBe('running');
    });

    it('goes on when every connection is cut', async () => {
      const { queue, worker, until, events } = await open();
      const blocker = gate();
      await worker(async (_request, { jobId, emit }) => {
        let sequence = 0;
        const timer = setInterval(() => {
          sequence += 1;
          emit({ type: 'progress', progress: snapshotOf(jobId, sequence) });
        }, 20);
        await blocker.opened;
        clearInterval(timer);
        return receiptOf(jobId);
      });
      const seen: JobView[] = [];
      const id = await queue.addJob(syncTo('production'));
      events().subscribe(id, { onJob: (job) => seen.push(job) });
      await until(id, 'running');
      await server().cut();
      const before = seen.at(-1)?.progress?.sequence ?? 0;
      await eventually('updates after the cut', () =>
        (seen.at(-1)?.progress?.sequence ?? 0) > before + 20 ? true : null,
      );
      blocker.open();
      expect(await until(id, 'done')).toMatchObject({ attempts: 1 });
      const next = await queue.addJob(syncTo('production'));
      await until(next, 'done');
    });

    it('leaves nothing open', async () => {
      const held = (kind: string): number =>
        process.getActiveResourcesInfo().filter((each) => each === kind).length;
      await leaveServer();
      // What earlier tests closed takes a moment to go.
      await eventually('nothing is open yet', () => (held('TCPSocketWrap') === 0 ? true : null));
      const timers = held('Timeout');
      const harness = await openHarness(server().address);
      const id = await harness.queue.addJob(exportOf('a'));
      harness.events().subscribe(id, { onJob: () => {} });
      const worker = await harness.worker((_request, { jobId }) => Promise.resolve(receiptOf(jobId)));
      await harness.until(id, 'done');
      await worker.stop();
      await harness.close();
      await eventually('all is closed', () =>
        held('TCPSocketWrap') === 0 && held('Timeout') <= timers ? true : null,
      );
    });
  });
}

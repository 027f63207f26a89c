import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { RunQueuedJob } from '../../src/jobs/active-run.ts';
import { SyncError } from '../../src/errors/sync-error.ts';
import { scheduleLocks } from '../../src/schedules/locks.ts';
import type { Schedule } from '../../src/schedules/schedule.ts';
import { lookAt, startScheduler } from '../../src/schedules/scheduler.ts';
import type { SchedulerDeps } from '../../src/schedules/scheduler.ts';
import { createSchedules } from '../../src/schedules/schedules.ts';
import type { Schedules } from '../../src/schedules/schedules.ts';
import { readState } from '../../src/schedules/store.ts';
import type { ScheduleEvent } from '../../src/schedules/store.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { openQueues, gate, receiptOf } from './queue-harness.ts';
import type { Harness, QueueAddress } from './queue-harness.ts';

const nightly: Schedule = {
  name: 'nightly',
  cron: '30 2 * * *',
  timeZone: 'Europe/Berlin',
  kind: 'sync',
  input: { source: 'production', target: 'staging', confirm: 'staging' },
};
const evening = Date.parse('2026-12-01T20:00:00Z');
const dayMs = 86_400_000;
const night = Date.parse('2026-12-02T01:30:00Z');

/** A service's half of the schedules: what it looks at, when it is for it, and what it tells. */
interface Station {
  readonly schedules: Schedules;
  readonly told: ScheduleEvent[];
  /** What the log was told of schedules that cannot be read. */
  readonly troubles: readonly object[];
  at: number;
  look(schedule?: Schedule): Promise<void>;
  /** Lets the scheduler itself run for a while. */
  scheduler(ms: number): Promise<void>;
}

function station(
  { backend, queue }: Harness,
  data: string,
  more: {
    readonly file?: readonly Schedule[];
    readonly start?: SchedulerDeps['start'];
    readonly isStopping?: () => boolean;
  } = {},
): Station {
  const file = more.file ?? [nightly];
  const config = {
    directories: { data, dumps: data, backups: data },
    schedules: file.map((schedule) => ({ ...schedule, said: 'multiboard-sync.config.yaml:3' })),
  };
  const told: ScheduleEvent[] = [];
  const troubles: object[] = [];
  const locked = scheduleLocks(backend.claims, `${Math.random()}`);
  const now = (): number => self.at;
  const deps: SchedulerDeps = {
    config,
    claims: backend.claims,
    jobs: queue,
    start: more.start ?? ((request, options) => queue.addJob(request, options)),
    schedules: () => schedules.definitions(),
    locked,
    isStopping: more.isStopping ?? (() => false),
    holder: data,
    log: { info: () => {}, warn: () => {}, error: () => {} },
    now,
    onEvent: (_schedule, event) => told.push(event),
  };
  const schedules = createSchedules({
    config,
    locked,
    admit: async () => {},
    start: (request, options) => queue.addJob(request, options),
    log: { error: (fields) => troubles.push(fields) },
    now,
  });
  const self: Station = {
    schedules,
    told,
    troubles,
    at: evening,
    scheduler: async (ms) => {
      const end = startScheduler(deps);
      await delay(ms);
      await end();
    },
    look: (schedule = nightly) => locked(schedule.name, () => lookAt(deps, schedule)),
  };
  return self;
}

/** What the schedules of two services do with a queue, on either backend; their clocks are the test's. */
export function scheduleConformance(backendName: string, address: () => QueueAddress): void {
  const { open, again } = openQueues(address);
  const done: RunQueuedJob = async (_request, { jobId }) => receiptOf(jobId);
  const jobsOf = async ({ queue }: Harness): Promise<readonly string[]> =>
    (await queue.listJobs({ limit: 100 })).jobs.map(({ id }) => id);

  describe(`schedules on ${backendName}`, () => {
    it('start one job for a time, whichever services look, with one data directory or two', async () => {
      const first = await open();
      const second = await again(first);
      const shared = await scratchDirectory('schedules');
      const own = await scratchDirectory('schedules');
      const stations = [station(first, shared), station(second, shared), station(second, own)];
      for (const each of stations) await each.look();
      for (const each of stations) each.at = night + 200;
      await Promise.all([...stations, ...stations].map((each) => each.look()));
      const ids = await jobsOf(first);
      expect(ids).toHaveLength(1);
      const job = await first.queue.getJob(ids[0] ?? '');
      expect(job.trigger).toEqual({ by: 'schedule', schedule: 'nightly', slot: night });
      // The one that did not decide finds out who did, and is not told later that it missed a time.
      for (const each of stations) each.at = night + 10 * 60_000;
      for (const each of stations) await each.look();
      expect(await jobsOf(first)).toEqual(ids);
      expect(stations.flatMap(({ told }) => told.map(({ what }) => what)).sort()).toEqual([
        'elsewhere',
        'started',
      ]);
    });

    it('add the job of a service that died before it had written it down no second time', async () => {
      const harness = await open();
      await harness.worker(done);
      const data = await scratchDirectory('schedules');
      const dying = station(harness, data, {
        start: async (request, options) => {
          await harness.queue.addJob(request, options);
          throw new SyncError('QUEUE_UNAVAILABLE', 'As if the process had ended here.');
        },
      });
      await dying.look();
      dying.at = night;
      await expect(dying.look()).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
      const [id = ''] = await jobsOf(harness);
      await harness.until(id, 'done');
      const next = station(harness, data);
      next.at = night + 1_000;
      await next.look();
      expect(await jobsOf(harness)).toEqual([id]);
      expect(next.told).toMatchObject([{ what: 'started', jobId: id }]);
    });

    it('leave a time out where its target is busy or its last job has not ended, and say so', async () => {
      const harness = await open();
      const blocker = gate();
      await harness.worker(async (_request, { jobId }) => {
        await blocker.opened;
        return receiptOf(jobId);
      });
      const data = await scratchDirectory('schedules');
      const dump: Schedule = { ...nightly, name: 'dump', kind: 'export', input: { environment: 'staging' } };
      const one = station(harness, data, { file: [nightly, dump] });
      await one.look();
      await one.look(dump);
      const other = await harness.queue.addJob({
        kind: 'sync',
        input: { source: 'dev', target: 'staging', confirm: 'staging' },
      });
      one.at = night;
      await one.look();
      expect(one.told.at(-1)).toMatchObject({ what: 'skipped', jobId: null });
      expect(one.told.at(-1)?.message).toContain(other);
      // It only reads.
      await one.look(dump);
      expect(one.told.at(-1)?.what).toBe('started');
      one.at = night + dayMs;
      await one.look(dump);
      expect(one.told.at(-1)?.message).toMatch(/Left out: its job .* of the last time has not ended/);
      blocker.open();
    });

    it('tell missed times once, and make up for them by one run where that is said', async () => {
      const harness = await open();
      const data = await scratchDirectory('schedules');
      const makesUp: Schedule = {
        ...nightly,
        name: 'makes-up',
        missed: 'run',
        kind: 'export',
        input: { environment: 'dev' },
      };
      const one = station(harness, data, { file: [nightly, makesUp] });
      for (const schedule of [nightly, makesUp]) await one.look(schedule);
      one.at = night + 2 * dayMs + 3_600_000;
      for (const schedule of [nightly, nightly]) await one.look(schedule);
      expect(one.told).toHaveLength(1);
      expect(one.told[0]?.message).toBe(
        'No service ran when 3 times came, the last at 2026-12-04 02:30 +01:00; nothing makes up for it.',
      );
      for (const schedule of [makesUp, makesUp]) await one.look(schedule);
      expect(one.told.slice(1).map(({ what }) => what)).toEqual(['started', 'missed']);
      expect(await jobsOf(harness)).toHaveLength(1);
      // Other times are counted from when they were said: none of them was missed.
      const hourly = { ...nightly, cron: '0 * * * *' };
      one.at += 5 * 3_600_000;
      await one.look(hourly);
      expect(one.told).toHaveLength(3);
    });

    it('start nothing while paused or left out, miss nothing by it, and go on', async () => {
      const harness = await open();
      const data = await scratchDirectory('schedules');
      const one = station(harness, data);
      await one.look();
      expect((await one.schedules.pause('nightly')).paused).toBe('person');
      one.at = night + dayMs / 2;
      await one.look();
      expect(await one.schedules.resume('nightly')).toMatchObject({ paused: null, events: [] });
      await one.look();
      expect(one.told).toEqual([]);
      const { skip, next } = await one.schedules.skipNext('nightly', true);
      expect(skip).toBe(night + dayMs);
      expect(next).toEqual([1, 2, 3, 4, 5].map((days) => night + days * dayMs));
      one.at = night + dayMs;
      await one.look();
      expect(one.told).toMatchObject([{ what: 'skipped', message: 'Left out, as was asked.' }]);
      expect(await jobsOf(harness)).toEqual([]);
      one.at = night + 2 * dayMs;
      await one.look();
      expect(one.told.at(-1)?.what).toBe('started');
      const byHand = await one.schedules.run('nightly', { actor: 'Ada' });
      expect(await harness.queue.getJob(byHand)).toMatchObject({
        actor: 'Ada',
        trigger: { by: 'schedule', schedule: 'nightly', slot: null },
      });
    });

    it('say why a job was not let in, and wait while the queue takes none', async () => {
      const harness = await open();
      const data = await scratchDirectory('schedules');
      let code: 'CONFLICT_TARGET_PROTECTED' | 'QUEUE_UNAVAILABLE' = 'QUEUE_UNAVAILABLE';
      const one = station(harness, data, {
        start: async () => {
          throw new SyncError(code, 'Not now.');
        },
      });
      await one.look();
      one.at = night;
      await expect(one.look()).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
      code = 'CONFLICT_TARGET_PROTECTED';
      await one.look();
      expect(one.told).toMatchObject([
        { what: 'refused', message: 'Not let in: Not now. (CONFLICT_TARGET_PROTECTED)' },
      ]);
    });

    it('are those of the file and those that were added, which alone can be removed', async () => {
      const harness = await open();
      const data = await scratchDirectory('schedules');
      const one = station(harness, data, { file: [{ ...nightly, paused: true }] });
      const weekly: Schedule = { ...nightly, name: 'weekly', cron: '0 4 * * 0', paused: true };
      expect(await one.schedules.add(weekly)).toMatchObject({ from: 'api', paused: 'person' });
      await expect(one.schedules.add(weekly)).rejects.toMatchObject({ code: 'CONFLICT_STATE' });
      // Another service on the data directory sees it, and lets it go on.
      const later = station(harness, data, { file: [{ ...nightly, paused: true }] });
      expect(await later.schedules.resume('weekly')).toMatchObject({ paused: null });
      expect((await later.schedules.list()).map(({ name, from }) => [name, from])).toEqual([
        ['nightly', 'file'],
        ['weekly', 'api'],
      ]);
      await expect(later.schedules.resume('nightly')).rejects.toMatchObject({ code: 'CONFLICT_STATE' });
      await expect(later.schedules.remove('nightly')).rejects.toMatchObject({ code: 'CONFLICT_STATE' });
      await later.schedules.remove('weekly');
      await expect(one.schedules.get('weekly')).rejects.toMatchObject({ code: 'USAGE_NOT_FOUND' });
      expect(await readState({ directories: { data, dumps: data, backups: data } }, 'weekly')).toBeNull();
    });

    it('go on where the file of one cannot be read, which is told, never written over, and removed', async () => {
      const harness = await open();
      const data = await scratchDirectory('schedules');
      const one = station(harness, data);
      const weekly: Schedule = { ...nightly, name: 'weekly', cron: '0 4 * * 0' };
      for (const name of ['weekly', 'cut']) await one.schedules.add({ ...weekly, name });
      await writeFile(join(data, 'schedules', 'cut.json'), '{"version":1,');
      const names = async (): Promise<readonly string[]> =>
        (await one.schedules.definitions()).map(({ name }) => name);
      for (let times = 0; times < 2; times += 1) expect(await names()).toEqual(['nightly', 'weekly']);
      expect(one.troubles).toEqual([{ code: 'STORAGE_RECORD_DAMAGED', schedule: 'cut' }]);
      expect((await one.schedules.list()).map(({ name }) => name)).toEqual(['nightly', 'weekly']);
      expect(await one.schedules.damaged()).toMatchObject([{ name: 'cut' }]);
      await expect(one.schedules.get('cut')).rejects.toMatchObject({ code: 'STORAGE_RECORD_DAMAGED' });
      await expect(one.schedules.add({ ...weekly, name: 'cut' })).rejects.toMatchObject({
        code: 'STORAGE_RECORD_DAMAGED',
      });
      await one.look();
      one.at = night + 200;
      await one.look();
      expect(one.told).toMatchObject([{ what: 'started' }]);
      await one.schedules.remove('cut');
      expect(await one.schedules.damaged()).toEqual([]);
      await expect(one.schedules.remove('cut')).rejects.toMatchObject({ code: 'USAGE_NOT_FOUND' });
      // What a schedule of the configuration file has done is its own file's.
      await writeFile(join(data, 'schedules', 'nightly.json'), '{}');
      expect((await one.schedules.list()).map(({ name }) => name)).toEqual(['weekly']);
      expect(await one.schedules.damaged()).toMatchObject([{ name: 'nightly' }]);
    });

    it('start nothing while the service drains, and leave the time to the next one', async () => {
      const harness = await open();
      const data = await scratchDirectory('schedules');
      const one = station(harness, data, { isStopping: () => true });
      await one.look();
      one.at = night + 200;
      await one.scheduler(250);
      expect(await jobsOf(harness)).toEqual([]);
      const next = station(harness, data);
      next.at = night + 2_000;
      await next.scheduler(250);
      expect(await jobsOf(harness)).toHaveLength(1);
    });
  });
}

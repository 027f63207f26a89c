import { describe, expect, it } from 'vitest';
import { SyncError } from '../../src/errors/sync-error.ts';
import { Secret } from '../../src/lib/secret.ts';
import type { Channel } from '../../src/notices/channel.ts';
import { earlierJobs } from '../../src/notices/earlier.ts';
import { startNotifier } from '../../src/notices/notifier.ts';
import type { Notifier, NotifierDeps } from '../../src/notices/notifier.ts';
import { send } from '../../src/notices/send.ts';
import type { ScheduleView } from '../../src/schedules/schedules.ts';
import { webReceiver } from '../notices/receivers.ts';
import type { Received } from '../notices/receivers.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { eventually, gate, openQueues, receiptOf, snapshotOf, syncTo } from './queue-harness.ts';
import type { Harness, QueueAddress } from './queue-harness.ts';

const ops = (url: string, more: Partial<Channel> = {}): Channel =>
  ({
    name: 'ops',
    events: null,
    environments: null,
    type: 'slack',
    url: new Secret(url),
    ...more,
  }) as Channel;

const timing = { pausesMs: [50, 50, 60_000], lookMs: 60_000, leaseMs: 500 };

const titles = (received: readonly Received[]): readonly string[] =>
  received.map(
    ({ body }) => /\*(.*?)\*/.exec((JSON.parse(body) as { readonly text: string }).text)?.[1] ?? '',
  );

/** Who tells people what became of the jobs of a queue, on either backend. */
export function noticeConformance(backendName: string, address: () => QueueAddress): void {
  const { open, again } = openQueues(address);

  const notifier = async (
    harness: Harness,
    channels: readonly Channel[],
    more: Partial<NotifierDeps> = {},
  ): Promise<Notifier> => {
    const data = await scratchDirectory('notices');
    const { backend, queue: jobs } = harness;
    return startNotifier({
      channels,
      claims: backend.claims,
      jobs,
      events: harness.events(),
      schedules: { list: async () => [] },
      earlier: (job) =>
        earlierJobs({ jobs, config: { directories: { data, dumps: data, backups: data } } }, job),
      send: (channel, notice) => send(channel, notice, { now: Date.now() }),
      publicUrl: null,
      stallMinutes: 15,
      process: `${Math.random()}`,
      log: { info: () => {}, warn: () => {}, error: () => {} },
      now: Date.now,
      timing,
      ...more,
    });
  };

  describe(`notices on ${backendName}`, () => {
    it('tell each end once, whichever processes hear of it, and of a failure that is over', async () => {
      const { url, received } = await webReceiver();
      const first = await open();
      const second = await again(first);
      const telling = [await notifier(first, [ops(url)]), await notifier(second, [ops(url)])];
      let fails = true;
      await second.worker(async (_request, { jobId }) => {
        if (fails) throw new SyncError('SOURCE_UNAVAILABLE', 'No connection to db.example.org.');
        return receiptOf(jobId);
      });
      await first.until(await first.queue.addJob(syncTo('staging')), 'failed');
      fails = false;
      await eventually('the failure is told', () => (received.length > 0 ? true : null));
      for (let times = 0; times < 3; times += 1)
        await first.until(await first.queue.addJob(syncTo('staging')), 'done');
      await eventually('the recovery is told', () => (received.length >= 3 ? true : null));
      for (const each of [...telling, ...telling]) await each.look();
      expect(titles(received).toSorted()).toEqual([
        'Failed: sync staging',
        'Worked for the first time: sync staging',
        'Works again: sync staging',
      ]);
      expect(received.map(({ body }) => body).join('')).not.toContain('db.example.org');
      // One that starts anew knows what was told.
      const later = await notifier(first, [ops(url)]);
      await later.look();
      expect(received).toHaveLength(3);
      for (const each of [...telling, later]) await each.close();
    });

    it('try a receiver again, and leave the rest to another process when theirs ends', async () => {
      const web = await webReceiver((index) => ({ status: index < 3 ? 503 : 200 }));
      const first = await open();
      const dying = await notifier(first, [ops(web.url)], {
        timing: { ...timing, pausesMs: [20, 20, 100] },
      });
      await first.worker(async () => {
        throw new SyncError('SOURCE_UNAVAILABLE', 'Away.');
      });
      await first.until(await first.queue.addJob(syncTo('staging')), 'failed');
      await eventually('three tries', () => (web.received.length >= 3 ? true : null));
      await dying.close();
      const tried = web.received.length;
      const other = await notifier(await again(first), [ops(web.url)]);
      await eventually('it is told', async () => {
        await other.look();
        return web.received.length > tried || tried > 3 ? true : null;
      });
      for (let times = 0; times < 3; times += 1) await other.look();
      expect(web.received).toHaveLength(4);
      await other.close();
    });

    it('send what was delivered no second time where the queue fails right after it', async () => {
      const { url, received } = await webReceiver();
      const harness = await open();
      const { claims } = harness.backend;
      let refused = 0;
      const telling = await notifier(harness, [ops(url)], {
        claims: {
          hold: async (claim, ms) => {
            if (received.length === 0 || !claim.name.startsWith('notice ')) return claims.hold(claim, ms);
            refused += 1;
            throw new SyncError('QUEUE_UNAVAILABLE', 'Away.');
          },
        },
      });
      await harness.worker(async (_request, { jobId }) => receiptOf(jobId));
      await harness.until(await harness.queue.addJob(syncTo('staging')), 'done');
      await eventually('it is told, and the queue fails', () => (refused > 0 ? true : null));
      for (let times = 0; times < 3; times += 1) await telling.look();
      expect([received.length, refused]).toEqual([1, 1]);
      await telling.close();
    });

    it('never wait for a receiver, and go where a channel’s filter lets them', async () => {
      const silent = await webReceiver(() => null);
      const { url, received } = await webReceiver();
      const harness = await open();
      const telling = await notifier(
        harness,
        [
          ops(silent.url, { name: 'silent' }),
          ops(url, { name: 'dev', environments: ['dev'] }),
          ops(url, { name: 'undo', events: ['undo'] }),
        ],
        {
          send: (channel, notice) => send(channel, notice, { now: Date.now(), answerMs: 300 }),
          timing: { ...timing, pausesMs: [] },
        },
      );
      await harness.worker(async (_request, { jobId }) => receiptOf(jobId));
      await harness.until(await harness.queue.addJob(syncTo('staging')), 'done');
      await harness.until(await harness.queue.addJob(syncTo('dev')), 'done');
      await eventually('dev is told', () => (received.length > 0 ? true : null));
      await telling.look();
      expect(titles(received)).toEqual(['Worked for the first time: sync staging → dev']);
      await telling.close();
    });

    it('tell of a job that tells nothing, and of times that came to nothing', async () => {
      const { url, received } = await webReceiver();
      const harness = await open();
      const blocker = gate();
      await harness.worker(async (_request, { jobId, emit }) => {
        emit({ type: 'progress', progress: snapshotOf(jobId, 1) });
        await blocker.opened;
        return receiptOf(jobId);
      });
      const id = await harness.queue.addJob(syncTo('staging'));
      await eventually('it tells something', async () => (await harness.queue.getJob(id)).progress);
      const then = Date.now();
      let at = then;
      const event = (what: 'missed' | 'skipped' | 'started', slot: number) =>
        ({ what, slot, at: slot, jobId: null, message: `It was ${what}.` }) as const;
      const nightly: ScheduleView = {
        name: 'nightly',
        from: 'api',
        place: null,
        kind: 'sync',
        input: { source: 'production', target: 'staging', confirm: 'staging' },
        source: 'production',
        target: 'staging',
        cron: '@daily',
        timeZone: 'UTC',
        words: 'At 00:00 (UTC)',
        missed: 'skip',
        paused: null,
        next: [],
        skip: null,
        events: [event('missed', then), event('skipped', then - 1), event('started', then - 2)],
      };
      const schedules = { list: async () => [nightly] };
      const telling = await notifier(harness, [ops(url)], { schedules, now: () => at });
      await telling.look();
      expect(titles(received).toSorted()).toEqual([
        'A time was left out: nightly (sync production → staging)',
        'A time was missed: nightly (sync production → staging)',
      ]);
      at += 16 * 60_000;
      for (let times = 0; times < 2; times += 1) await telling.look();
      expect(titles(received).slice(2)).toEqual(['Nothing has happened for a while: sync staging']);
      blocker.open();
      await telling.close();
    });
  });
}

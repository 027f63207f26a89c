import { setTimeout as delay } from 'node:timers/promises';
import type { Claims } from '../jobs/claims/claims.ts';
import type { JobEvents } from '../jobs/job-events.ts';
import type { JobQueue } from '../jobs/job-queue.ts';
import type { JobView } from '../jobs/job-view.ts';
import type { JobsLog } from '../jobs/log.ts';
import type { Schedules, ScheduleView } from '../schedules/schedules.ts';
import type { ScheduleEvent } from '../schedules/store.ts';
import { takes } from './channel.ts';
import type { Channel } from './channel.ts';
import { endOf, eventsOf } from './events.ts';
import type { EarlierJob } from './events.ts';
import { noticeOfJob, noticeOfSchedule } from './notice.ts';
import type { Notice } from './notice.ts';
import { Undelivered } from './send.ts';

/** More than ten fields: it hears of jobs, schedules and time, and speaks by what it is given. */
export interface NotifierDeps {
  readonly channels: readonly Channel[];
  readonly claims: Pick<Claims, 'hold'>;
  readonly jobs: Pick<JobQueue, 'listJobs' | 'getWholeJob'>;
  readonly events: Pick<JobEvents, 'subscribeAll'>;
  readonly schedules: Pick<Schedules, 'list'>;
  /** Jobs of the same work that ended before this one, newest first. */
  readonly earlier: (job: JobView) => Promise<readonly EarlierJob[]>;
  /** Throws Undelivered. */
  readonly send: (channel: Channel, notice: Notice) => Promise<void>;
  readonly publicUrl: string | null;
  readonly stallMinutes: number;
  /** Names this process among those on the queue. */
  readonly process: string;
  readonly log: JobsLog;
  readonly now: () => number;
  readonly timing?: NotifierTiming | undefined;
}

export interface NotifierTiming {
  /** Between the tries to deliver one notice; after the last one it is given up. */
  readonly pausesMs: readonly number[];
  /** Between two looks for what nobody told. */
  readonly lookMs: number;
  /** Whoever dies while it delivers keeps the others from it for so long, beside the pause it was in. */
  readonly leaseMs: number;
}

const timingDefault: NotifierTiming = {
  pausesMs: [5_000, 30_000, 120_000, 600_000],
  lookMs: 30_000,
  leaseMs: 60_000,
};

/** What was told stays known for so long; what ended longer ago is not looked for. */
const toldMs = 25 * 3_600_000;
const lookedBackMs = 3_600_000;
/** Notices on their way from this process; others wait for a look. */
const underWayMax = 100;
const looked = 100;

export interface Notifier {
  /** Looks once for what ended, stalled or came to nothing, and waits until what this process tells of it is told. */
  look(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Tells people by their channels. It hears each job's end from the queue's events, whichever process ran it, and looks
 * every half minute for what it did not hear of (it was not running, or another process died while it told). Of all
 * processes on a queue one has a notice's claim, and the claim stays when it was delivered: it is told once, unless the
 * process dies between the delivery and the next call of the queue. Nothing waits for a notice, and none can fail a
 * job.
 */
export function startNotifier(deps: NotifierDeps): Notifier {
  return new ChannelNotifier(deps);
}

class ChannelNotifier implements Notifier {
  readonly #deps: NotifierDeps;
  readonly #timing: NotifierTiming;
  readonly #over = new AbortController();
  /** By key and channel; kept until they cannot be found by a look any more. */
  readonly #told = new Map<string, number>();
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #unsubscribe: () => void;
  readonly #looking: Promise<void>;

  constructor(deps: NotifierDeps) {
    this.#deps = deps;
    this.#timing = deps.timing ?? timingDefault;
    this.#unsubscribe = deps.events.subscribeAll((job) => {
      if (job.finishedAt !== null) this.#quietly(this.#ofEnd(job.id));
    });
    this.#looking = this.#lookOn();
  }

  async look(): Promise<void> {
    const { now } = this.#deps;
    const since = now() - lookedBackMs;
    for (const [key, at] of this.#told) if (at < now() - toldMs) this.#told.delete(key);
    for (const state of ['done', 'failed', 'cancelled'] as const) {
      const { jobs } = await this.#deps.jobs.listJobs({ state, limit: looked });
      for (const job of jobs) if ((job.finishedAt ?? 0) > since) await this.#ofEnd(job.id);
    }
    await this.#ofStalled();
    for (const schedule of await this.#deps.schedules.list())
      for (const event of schedule.events) if (event.at > since) this.#ofSchedule(schedule, event);
    await Promise.all(this.#underWay.values());
  }

  async close(): Promise<void> {
    this.#unsubscribe();
    this.#over.abort();
    await this.#looking;
    await Promise.all(this.#underWay.values());
  }

  async #lookOn(): Promise<void> {
    const { signal } = this.#over;
    while (!signal.aborted) {
      this.#quietly(this.look());
      await delay(this.#timing.lookMs, undefined, { signal }).catch(() => {});
    }
  }

  /** The queue may be away; the next look comes. */
  #quietly(work: Promise<void>): void {
    work.catch((error: unknown) => {
      const { code = 'INTERNAL' } = error as { readonly code?: string };
      this.#deps.log.warn({ code }, 'Notices wait for the queue');
    });
  }

  async #ofEnd(id: string): Promise<void> {
    const { jobs, earlier, publicUrl, now } = this.#deps;
    if (this.#told.has(`job ${id}`)) return;
    const job = await jobs.getWholeJob(id);
    if (job.finishedAt === null) return;
    const before = endOf(job) === 'good' ? await earlier(job) : [];
    for (const event of eventsOf(job, before))
      this.#tell(noticeOfJob(event, job, { publicUrl, at: job.finishedAt }));
    if (this.#settled(job, before)) this.#told.set(`job ${id}`, now());
  }

  /** Nothing of it is left to tell from here. */
  #settled(job: JobView, before: readonly EarlierJob[]): boolean {
    return eventsOf(job, before).every((event) =>
      this.#deps.channels.every(
        (channel) =>
          !takes(channel, event, environmentsOf(job)) || this.#told.has(`${event} ${job.id} ${channel.name}`),
      ),
    );
  }

  async #ofStalled(): Promise<void> {
    const { jobs, stallMinutes, publicUrl, now } = this.#deps;
    const running = await jobs.listJobs({ state: 'running', limit: looked });
    for (const { id, progress, startedAt } of running.jobs) {
      const last = progress?.updatedAt ?? startedAt;
      if (last === null || now() - last < stallMinutes * 60_000) continue;
      const minutes = Math.floor((now() - last) / 60_000);
      this.#tell(noticeOfJob('stall', await jobs.getWholeJob(id), { publicUrl, at: now(), minutes }));
    }
  }

  #ofSchedule(schedule: ScheduleView, told: ScheduleEvent): void {
    const { publicUrl } = this.#deps;
    const events = { missed: 'missed', skipped: 'skipped', refused: 'failure' } as const;
    if (told.what === 'started' || told.what === 'elsewhere') return;
    this.#tell(noticeOfSchedule(events[told.what], schedule, told, { publicUrl }));
  }

  #tell(notice: Notice): void {
    const { channels, now } = this.#deps;
    for (const channel of channels) {
      const key = `${notice.key} ${channel.name}`;
      if (notice.event !== 'test' && !takes(channel, notice.event, notice.environments)) continue;
      if (this.#told.has(key) || this.#underWay.has(key) || this.#underWay.size >= underWayMax) continue;
      const way = this.#deliver(channel, notice, key)
        .then((settled) => {
          if (settled) this.#told.set(key, now());
        })
        .catch((error: unknown) => {
          const { code = 'INTERNAL' } = error as { readonly code?: string };
          this.#deps.log.warn({ channel: channel.name, code }, 'A notice waits for the queue');
        })
        .finally(() => this.#underWay.delete(key));
      this.#underWay.set(key, way);
    }
  }

  /** True once nobody need try it again. */
  async #deliver(channel: Channel, notice: Notice, key: string): Promise<boolean> {
    const { claims, send, log, process } = this.#deps;
    const claim = { name: `notice ${key}`, holder: process };
    const { pausesMs, leaseMs } = this.#timing;
    const { signal } = this.#over;
    const fields = {
      channel: channel.name,
      event: notice.event,
      ...(notice.job === null ? {} : { job: notice.job.id }),
    };
    for (const pause of [...pausesMs, null]) {
      if (signal.aborted) return false;
      if ((await claims.hold(claim, leaseMs)) !== null) return false;
      const undelivered = await send(channel, notice).then(
        () => null,
        (error: unknown) =>
          error instanceof Undelivered ? error : new Undelivered('an error inside', false),
      );
      if (undelivered === null) log.info(fields, 'A notice was delivered');
      else if (pause === null || !undelivered.again)
        log.error({ ...fields, reason: undelivered.message }, 'A notice was given up');
      else log.warn({ ...fields, reason: undelivered.message }, 'A notice was not taken; it is tried again');
      if (undelivered === null || pause === null || !undelivered.again) {
        await this.#keepTold(claim, fields);
        return true;
      }
      await claims.hold(claim, leaseMs + pause);
      await delay(pause, undefined, { signal }).catch(() => {});
    }
    return false;
  }

  /** This process knows by itself that it told; where the queue is away now, another one may tell it again. */
  async #keepTold(claim: Parameters<Claims['hold']>[0], fields: object): Promise<void> {
    const { claims, log } = this.#deps;
    await claims.hold(claim, toldMs).catch((error: unknown) => {
      const { code = 'INTERNAL' } = error as { readonly code?: string };
      log.warn({ ...fields, code }, 'That a notice was told could not be written to the queue');
    });
  }
}

function environmentsOf({ source, target }: Pick<JobView, 'source' | 'target'>): readonly string[] {
  return [source, target].filter((one) => one !== null);
}

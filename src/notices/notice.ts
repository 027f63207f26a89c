import { errorCatalogue } from '../errors/catalogue.ts';
import type { ErrorCode } from '../errors/catalogue.ts';
import type { JobView } from '../jobs/job-view.ts';
import { durationInWords } from '../progress/words.ts';
import { sentenceOf } from '../sync/contract/requests.ts';
import { targetState } from '../sync/contract/target-state.ts';
import type { ScheduleEvent } from '../schedules/store.ts';
import type { NoticeEvent } from './channel.ts';

/**
 * What people are told: names, numbers, codes and our own fixed words. Never a driver's or a server's message, which
 * may hold an address or a row; whoever has the key reads that at the link.
 */
export interface Notice {
  /** The same whoever makes it: what was told once under it is not told again. */
  readonly key: string;
  readonly event: NoticeEvent | 'test';
  /** Epoch milliseconds. */
  readonly at: number;
  /** The environments that it is about. */
  readonly environments: readonly string[];
  readonly title: string;
  readonly lines: readonly string[];
  readonly job: {
    readonly id: string;
    readonly kind: string;
    readonly state: string;
    readonly source: string | null;
    readonly target: string | null;
    readonly error: string | null;
    readonly seconds: number | null;
  } | null;
  readonly schedule: string | null;
  readonly link: string | null;
}

interface Told {
  readonly publicUrl: string | null;
}

const titles: Readonly<Record<NoticeEvent, string>> = {
  failure: 'Failed',
  recovery: 'Works again',
  firstSuccess: 'Worked for the first time',
  stall: 'Nothing has happened for a while',
  undo: 'Undone',
  missed: 'A time was missed',
  skipped: 'A time was left out',
};

/** A job of which people are told; `minutes`: how long nothing has happened, of a stall. */
export function noticeOfJob(
  event: NoticeEvent,
  job: JobView,
  { publicUrl, at, minutes }: Told & { readonly at: number; readonly minutes?: number },
): Notice {
  const schedule = job.trigger?.schedule ?? null;
  return {
    key: `${event} ${job.id}`,
    event,
    at,
    environments: [...new Set([job.source, job.target].filter((one) => one !== null))],
    title: `${titles[event]}: ${whatWords(job)}`,
    lines: [
      ...endWords(event, job, minutes ?? 0),
      ...(schedule === null ? [] : [`Schedule: ${schedule}`]),
      `Job: ${job.id}`,
    ],
    job: {
      id: job.id,
      kind: job.kind,
      state: job.state,
      source: job.source,
      target: job.target,
      error: job.error?.code ?? null,
      seconds:
        job.startedAt === null || job.finishedAt === null ? null : (job.finishedAt - job.startedAt) / 1000,
    },
    schedule,
    link: publicUrl === null ? null : `${publicUrl.replace(/\/+$/, '')}/runs/${job.id}`,
  };
}

/** A time of a schedule that came to nothing. */
export function noticeOfSchedule(
  event: 'missed' | 'skipped' | 'failure',
  schedule: {
    readonly name: string;
    readonly kind: string;
    readonly source: string | null;
    readonly target: string | null;
  },
  told: ScheduleEvent,
  { publicUrl }: Told,
): Notice {
  const { name, source, target } = schedule;
  return {
    key: `${event} schedule ${name} ${told.slot}`,
    event,
    at: told.at,
    environments: [...new Set([source, target].filter((one) => one !== null))],
    title: `${titles[event]}: ${name} (${whatWords(schedule)})`,
    lines: [
      event === 'failure' ? 'The job was not let in; the service shows why.' : told.message,
      `Schedule: ${name}`,
    ],
    job: null,
    schedule: name,
    link: publicUrl === null ? null : `${publicUrl.replace(/\/+$/, '')}/schedules`,
  };
}

export function testNotice(channel: string, at: number, { publicUrl }: Told): Notice {
  return {
    key: `test ${channel} ${at}`,
    event: 'test',
    at,
    environments: [],
    title: `A test of the channel ${channel}`,
    lines: ['Somebody asked for this message. Nothing has happened.'],
    job: null,
    schedule: null,
    link: publicUrl,
  };
}

function whatWords({
  kind,
  source,
  target,
}: {
  readonly kind: string;
  readonly source: string | null;
  readonly target: string | null;
}): string {
  const ends = [...new Set([source, target].filter((end) => end !== null))];
  return `${kind} ${ends.join(' → ')}`;
}

function endWords(event: NoticeEvent, job: JobView, minutes: number): readonly string[] {
  if (event === 'stall') {
    const step = job.progress?.steps.find(({ state }) => state === 'running')?.title;
    return [
      `It runs, and has told nothing for ${minutes} minutes${step === undefined ? '' : `, in the step “${step}”`}.`,
    ];
  }
  const { error, receipt, startedAt, finishedAt, progress } = job;
  const took =
    startedAt === null || finishedAt === null
      ? []
      : [`It took ${durationInWords((finishedAt - startedAt) / 1000)}.`];
  if (error !== null) {
    const state = targetState(progress);
    const step = progress?.steps.find((one) => one.state === 'failed')?.title;
    return [
      `${error.code}${step === undefined ? '' : `, in the step “${step}”`}.`,
      // The fixed words for the code: an error's own may name what this one is about.
      ...(isCode(error.code) ? [errorCatalogue[error.code].hint] : []),
      ...(state === null ? [] : [state]),
      ...took,
    ];
  }
  return [...(receipt === null || job.shortened ? [] : [sentenceOf(receipt)]), ...took];
}

function isCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCatalogue, code);
}

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { ReactNode } from 'react';
import { Link, useParams } from 'wouter';
import { call, Problem } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { Job, Progress } from '../api/types.ts';
import { runsAhead } from '../lib/environment-state.ts';
import { duration } from '../lib/format.ts';
import { cancelWords, hasEnded, jobTitle, stateWords } from '../lib/words.ts';
import { useLiveJob } from '../live/use-live-job.ts';
import type { LiveJob } from '../live/use-live-job.ts';
import { Empty, Failure, Heading, Loading, Notice, StateTag, Time } from '../ui/basics.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { useVoice } from '../ui/live-region.tsx';
import { RunTitle } from '../ui/run-line.tsx';
import { Figures, Phases } from './run-course.tsx';
import { RunLog } from './run-log.tsx';
import { Outcome } from './run-outcome.tsx';
import { ItemTable } from './run-items.tsx';
import { Throughput } from './run-throughput.tsx';

/** One run: live while it goes on, its receipt when it has ended. */
export function Run(): ReactNode {
  const { id } = useParams<{ id: string }>();
  // Another run is another page: nothing of the one before stays.
  return <OneRun key={id} id={id} />;
}

function OneRun({ id }: { readonly id: string }): ReactNode {
  const live = useLiveJob(id);
  const { job, error } = live;
  useTitleOf(job);
  useSpeech(job);
  if (job === null) {
    if (error instanceof Problem && error.status === 404)
      return (
        <>
          <Heading>There is no such run</Heading>
          <Empty title={`No run has the id ${id}`}>
            <p>
              Its history may have been removed. <Link href="/runs">All runs</Link>
            </p>
          </Empty>
        </>
      );
    return error === null ? <Loading>Reading the run …</Loading> : <Failure error={error} />;
  }
  const ended = hasEnded(job.state);
  return (
    <article className="space-y-6" data-run={job.state}>
      <Head job={job} />
      <Connection live={live} ended={ended} />
      {ended ? <Outcome job={job} /> : <Course live={live} job={job} />}
      {job.progress !== null && (
        <section className="card p-5">
          <h2 className="mb-3 font-semibold">Steps</h2>
          <Phases progress={job.progress} ended={ended} />
        </section>
      )}
      {!ended && <Throughput samples={live.samples} />}
      {!ended && job.progress !== null && <ItemTable items={live.items} progress={job.progress} />}
      <RunLog id={id} lines={live.lines} live={!ended} />
    </article>
  );
}

function Head({ job }: { readonly job: Job }): ReactNode {
  const { state, createdAt, startedAt, finishedAt, actor, trigger, attempts, retryOf } = job;
  return (
    <div className="flex flex-wrap items-start justify-between gap-4">
      <div className="min-w-0">
        <h1
          tabIndex={-1}
          className="flex flex-wrap items-center gap-x-3 gap-y-1 text-2xl font-semibold tracking-tight"
        >
          <RunTitle job={job} />
          <StateTag state={state} />
        </h1>
        <p className="text-soft mt-1.5 flex flex-wrap gap-x-4 gap-y-1 text-sm">
          <span>
            Asked for <Time at={createdAt} />
            {actor === null ? '' : ` by ${actor}`}
            {trigger === null ? '' : ` by the schedule ${trigger.schedule}`}
          </span>
          {startedAt !== null && finishedAt !== null && (
            <span>
              ended <Time at={finishedAt} />, took {duration(finishedAt - startedAt)}
            </span>
          )}
          {retryOf !== null && (
            <span>
              again what <Link href={`/runs/${retryOf}`}>this run</Link> did
            </span>
          )}
        </p>
        {attempts > 1 && (
          <p className="text-warn mt-1 text-sm">
            Attempt {attempts}: the worker of the attempt before died, and the run began again.
          </p>
        )}
      </div>
      {!hasEnded(state) && <Cancel job={job} />}
    </div>
  );
}

function Cancel({ job }: { readonly job: Job }): ReactNode {
  const client = useQueryClient();
  return (
    <span className="max-sm:fixed max-sm:inset-x-4 max-sm:bottom-18 max-sm:z-20 max-sm:[&>button]:w-full max-sm:[&>button]:shadow-lg">
      <Confirm
        label={job.state === 'cancelling' ? 'Cancelling …' : 'Cancel this run …'}
        look="danger"
        disabled={job.state === 'cancelling'}
        title="Cancel this run?"
        verb="Cancel the run"
        keep="Let it go on"
        name={null}
        go={() => call('POST /api/jobs/{id}/cancel', { params: { id: job.id } })}
        done={() => {
          void client.invalidateQueries({ queryKey: ['job', job.id] });
        }}
      >
        <p>{cancelWords(job, job.progress)}</p>
      </Confirm>
    </span>
  );
}

/** A run that has not ended. */
function Course({ live, job }: { readonly live: LiveJob; readonly job: Job }): ReactNode {
  const { progress } = job;
  if (progress === null) return <Queue job={job} />;
  return (
    <section className="card space-y-3 p-5" aria-label="Progress">
      <p className="text-[0.9375rem] font-medium">{progress.message}</p>
      <Figures progress={progress} heardAt={live.heardAt} />
    </section>
  );
}

/** Its place among those that wait, and what it waits for. */
function Queue({ job }: { readonly job: Job }): ReactNode {
  const { data } = useQuery(queries.jobs({ limit: 100, undo: 'no' }));
  const ahead = runsAhead(job, data?.jobs ?? []);
  const [first] = ahead;
  if (job.state !== 'queued') return <Notice tone="info">It begins …</Notice>;
  if (first === undefined) return <Notice tone="info">Waiting for its turn.</Notice>;
  return (
    <Notice tone="info">
      <p className="font-medium">
        {ahead.length === 1 ? 'Next in line' : `Number ${ahead.length} in line`}: one run at a time writes to{' '}
        {job.target}.
      </p>
      <p>
        Waiting for <Link href={`/runs/${first.id}`}>{jobTitle(first)}</Link>, which is{' '}
        {first.progress === null
          ? stateWords[first.state].toLowerCase()
          : `at ${Math.floor(first.progress.percent)} %`}
        .
      </p>
    </Notice>
  );
}

function Connection({ live, ended }: { readonly live: LiveJob; readonly ended: boolean }): ReactNode {
  if (ended) return null;
  if (live.refused !== null)
    return (
      <Notice tone="bad" role="alert">
        <p className="font-medium">{live.refused.detail}</p>
        <p>{live.refused.hint}</p>
      </Notice>
    );
  if (live.lostFor === null) return null;
  return (
    <Notice tone="warn" role="alert">
      <p className="font-medium">The connection to the service is lost.</p>
      <p>
        What the run does meanwhile is shown when the connection is back. It is tried again within{' '}
        {live.lostFor} s.
      </p>
    </Notice>
  );
}

function useTitleOf(job: Job | null): void {
  useEffect(() => {
    if (job === null) return;
    const running = !hasEnded(job.state) && job.progress !== null;
    const lead = running ? `${Math.floor(job.progress?.percent ?? 0)} %` : stateWords[job.state];
    document.title = `${lead} · ${jobTitle(job)}`;
  }, [job]);
}

const stepOf = (progress: Progress | null): string =>
  progress?.steps.find(({ state }) => state === 'running')?.title ?? '';

/** Says each change of state at once, and each step at most every 30 s. */
function useSpeech(job: Job | null): void {
  const say = useVoice();
  const state = job?.state ?? null;
  const step = stepOf(job?.progress ?? null);
  const title = job === null ? '' : jobTitle(job);
  useEffect(() => {
    if (state !== null) say(`${title}: ${stateWords[state]}.`, 'news');
  }, [say, title, state]);
  useEffect(() => {
    if (step !== '') say(`${title}: ${step}.`, 'course');
  }, [say, title, step]);
}

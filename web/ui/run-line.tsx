import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { JobSummary } from '../api/types.ts';
import { bytes, duration, timeLeft } from '../lib/format.ts';
import { hasEnded, verbs } from '../lib/words.ts';
import { Bar, EnvironmentName, StateTag, Tag, Time } from './basics.tsx';
import { useNow } from './now.tsx';

/** One run in a list: what, how it went, when, how long. The whole line leads to it. */
export function RunLine({ job }: { readonly job: JobSummary }): ReactNode {
  const { id, state, progress, startedAt, finishedAt, createdAt, undo, error } = job;
  const ended = hasEnded(state);
  const now = useNow();
  const took = startedAt === null ? null : (finishedAt ?? now) - startedAt;
  return (
    <Link
      href={`/runs/${id}`}
      className="text-ink hover:bg-sunk grid min-h-14 grid-cols-[1fr_auto] items-center gap-x-4 gap-y-1 px-4 py-2.5 no-underline hover:no-underline sm:grid-cols-[minmax(0,1fr)_9rem_7rem_7rem]"
    >
      <span className="min-w-0">
        <span className="flex flex-wrap items-center gap-x-2 font-medium">
          <RunTitle job={job} />
        </span>
        {!ended && progress !== null && (
          <span className="mt-1.5 block max-w-md">
            <Bar
              percent={progress.percent}
              label="Work done, by bytes"
              text={`${progress.percent.toFixed(1)} %, ${timeLeft(progress.etaSeconds)}`}
            />
          </span>
        )}
        {state === 'failed' && error !== null && (
          <span className="text-soft block truncate text-sm">{error.message}</span>
        )}
      </span>
      <span className="flex items-center gap-1.5 justify-self-end sm:justify-self-start">
        <StateTag
          state={state}
          {...(state === 'running' && progress !== null ? { word: `${Math.floor(progress.percent)} %` } : {})}
        />
        {undo?.undoneBy ? <Tag>undone</Tag> : null}
      </span>
      <span className="text-soft text-sm tabular-nums max-sm:hidden">
        {took === null ? '' : duration(took)}
        {progress !== null && progress.bytesDone > 0 && (
          <span className="block text-xs">{bytes(progress.bytesDone)}</span>
        )}
      </span>
      <span className="text-soft justify-self-end text-sm max-sm:col-start-2 max-sm:row-start-2">
        <Time at={finishedAt ?? createdAt} />
      </span>
    </Link>
  );
}

/** `Sync production → staging`, with production marked. */
export function RunTitle({
  job: { kind, source, target },
}: {
  readonly job: Pick<JobSummary, 'kind' | 'source' | 'target'>;
}): ReactNode {
  const ends = [source, target].filter((name) => name !== null);
  return (
    <>
      <span>{verbs[kind]}</span>
      {ends.map((name, index) => (
        <span key={name} className="inline-flex items-center gap-2">
          {index > 0 && <span className="text-soft">{kind === 'verify' ? 'and' : '→'}</span>}
          <EnvironmentName name={name} />
        </span>
      ))}
    </>
  );
}

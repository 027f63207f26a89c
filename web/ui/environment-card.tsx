import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { queries } from '../api/queries.ts';
import type { Environment, EnvironmentTest, JobSummary } from '../api/types.ts';
import type { EnvironmentState } from '../lib/environment-state.ts';
import { bytes, timeLeft } from '../lib/format.ts';
import { isProduction, protectionWords, verbs } from '../lib/words.ts';
import { Bar, EnvironmentName, StateTag, Tag, Time } from './basics.tsx';

/** "How fresh is staging?", at sight. `state`: null until the runs are known. */
export function EnvironmentCard({
  environment,
  state,
}: {
  readonly environment: Environment;
  readonly state: EnvironmentState | null;
}): ReactNode {
  const { name, protection } = environment;
  const { data: test, error } = useQuery(queries.test(name));
  const running = state?.open[0] ?? null;
  return (
    <article
      aria-label={name}
      className={`card flex h-full flex-col overflow-hidden ${isProduction(name) ? 'border-production' : ''}`}
    >
      {isProduction(name) && <div className="bg-production h-1" />}
      <div className="flex flex-1 flex-col gap-4 p-5">
        <div className="flex flex-wrap items-center justify-between gap-2">
          <h2>
            <EnvironmentName name={name} large />
          </h2>
          <Tag tone={protection === 'open' ? 'warn' : 'plain'}>{protectionWords[protection].word}</Tag>
        </div>
        <p className="text-[0.9375rem] font-medium" data-fresh="">
          {state === null ? 'Looking at its runs …' : <Freshness environment={environment} state={state} />}
        </p>
        <dl className="grid grid-cols-2 gap-x-4 gap-y-3 text-sm">
          <Fact name="Database">
            <DatabaseHealth test={test} failed={error !== null} />
          </Fact>
          <Fact name="Search">
            <SearchHealth environment={environment} test={test} />
          </Fact>
          <Fact name="Version">
            {test?.database.ok === true ? `PostgreSQL ${test.database.serverVersion}` : '–'}
          </Fact>
          <Fact name="Size">{test?.database.ok === true ? bytes(test.database.bytes) : '–'}</Fact>
        </dl>
        <div className="border-line mt-auto space-y-3 border-t pt-4">
          {running === null ? <LastRun job={state?.last ?? null} /> : <LiveRun job={running} />}
          <div className="flex flex-wrap gap-2">
            {protection === 'source-only' ? (
              <Link href={`/sync?source=${name}`} className="button">
                Sync from {name}
              </Link>
            ) : (
              <Link href={`/sync?target=${name}`} className="button">
                Sync into {name}
              </Link>
            )}
          </div>
        </div>
      </div>
    </article>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode {
  return (
    <div className="min-w-0">
      <dt className="text-soft text-xs">{name}</dt>
      <dd className="mt-0.5 min-w-0 break-words">{children}</dd>
    </div>
  );
}

function Freshness({
  environment,
  state,
}: {
  readonly environment: Environment;
  readonly state: EnvironmentState;
}): ReactNode {
  const { written, read } = state;
  if (written === null) {
    if (read !== null)
      return (
        <>
          Last read <Time at={read.startedAt ?? read.createdAt} />
        </>
      );
    return environment.protection === 'source-only'
      ? 'Nothing was read from it yet'
      : 'Nothing was written to it yet';
  }
  const at = <Time at={written.startedAt ?? written.createdAt} />;
  if (written.kind === 'sync')
    return (
      <>
        Equals {written.source} as of {at}
      </>
    );
  return written.kind === 'import' ? <>Holds a dump since {at}</> : <>Put back to an earlier state {at}</>;
}

/** By sign, colour and word. */
export function Health({
  tone,
  children,
}: {
  readonly tone: 'good' | 'warn' | 'bad' | 'none';
  readonly children: ReactNode;
}): ReactNode {
  const signs = { good: '●', warn: '▲', bad: '■', none: '○' };
  const inks = { good: 'text-good', warn: 'text-warn', bad: 'text-bad', none: 'text-soft' };
  return (
    <span className="inline-flex items-baseline gap-1.5">
      <span aria-hidden="true" className={`text-xs ${inks[tone]}`}>
        {signs[tone]}
      </span>
      <span className={tone === 'good' ? '' : inks[tone]}>{children}</span>
    </span>
  );
}

function DatabaseHealth({
  test,
  failed,
}: {
  readonly test: EnvironmentTest | undefined;
  readonly failed: boolean;
}): ReactNode {
  if (test === undefined) return <Health tone="none">{failed ? 'not checked' : 'checking …'}</Health>;
  const { database } = test;
  return database.ok ? (
    <Health tone="good">reachable, {database.durationMs} ms</Health>
  ) : (
    <Health tone="bad">
      <span title={database.error.message}>
        {database.error.hint === '' ? 'not usable' : database.error.message}
      </span>
    </Health>
  );
}

export function SearchHealth({
  environment,
  test,
}: {
  readonly environment: Environment;
  readonly test: EnvironmentTest | undefined;
}): ReactNode {
  if (!environment.search) return <Health tone="none">none</Health>;
  if (test === undefined) return <Health tone="none">checking …</Health>;
  const { search } = test;
  if (search === null) return <Health tone="none">none</Health>;
  if (!search.ok)
    return (
      <Health tone="bad">
        <span title={search.error.message}>{search.error.message}</span>
      </Health>
    );
  if (search.missingActions.length > 0) return <Health tone="bad">key may not do all it has to</Health>;
  if (search.sharedWith.some(({ seenBy }) => seenBy !== 'nothing'))
    return <Health tone="warn">shared with another environment</Health>;
  return <Health tone="good">Typesense {search.nodes[0]?.version ?? ''}</Health>;
}

function LastRun({ job }: { readonly job: JobSummary | null }): ReactNode {
  if (job === null) return <p className="text-soft text-sm">No run yet</p>;
  return (
    <Link
      href={`/runs/${job.id}`}
      className="text-ink flex min-h-6 flex-wrap items-center gap-2 text-sm no-underline hover:underline"
    >
      <StateTag state={job.state} />
      {verbs[job.kind]}
      <span className="text-soft">
        <Time at={job.finishedAt ?? job.createdAt} />
      </span>
    </Link>
  );
}

function LiveRun({ job }: { readonly job: JobSummary }): ReactNode {
  const percent = job.progress?.percent ?? 0;
  return (
    <Link href={`/runs/${job.id}`} className="text-ink block space-y-2 text-sm no-underline hover:underline">
      <span className="flex items-center justify-between gap-2">
        <span className="flex items-center gap-2">
          <StateTag state={job.state} />
          {verbs[job.kind]}
        </span>
        <span className="text-soft tabular-nums">{percent.toFixed(0)} %</span>
      </span>
      <Bar
        percent={percent}
        label="Work done, by bytes"
        text={`${percent.toFixed(1)} %, ${timeLeft(job.progress?.etaSeconds ?? null)}`}
      />
    </Link>
  );
}

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { queries } from '../api/queries.ts';
import type { JobSummary } from '../api/types.ts';
import { environmentState } from '../lib/environment-state.ts';
import { hasEnded } from '../lib/words.ts';
import { useTitle } from '../lib/use-title.ts';
import { Empty, Failure, Heading, Loading } from '../ui/basics.tsx';
import { EnvironmentCard } from '../ui/environment-card.tsx';
import { RunLine } from '../ui/run-line.tsx';

const recentShown = 8;

/** How everything stands: environments first, then what runs and what ran. */
export function Home(): ReactNode {
  useTitle('Home');
  const environments = useQuery(queries.environments());
  const { data, error } = useQuery(queries.jobs({ limit: 100, undo: 'no' }));
  const jobs = data?.jobs ?? [];
  const all = environments.data?.environments ?? [];
  return (
    <>
      <Heading
        aside={
          <Link href="/sync" className="button main">
            New sync
          </Link>
        }
      >
        Environments
      </Heading>
      <div className="space-y-8">
        <Failure error={error ?? environments.error} />
        {all.length === 0 && !environments.isPending && (
          <Empty title="No environment yet">
            <p>
              Set <code>PRODUCTION_DATABASE_URL</code>, <code>STAGING_DATABASE_URL</code>, or any other{' '}
              <code>NAME_DATABASE_URL</code>, and start the service again. Each becomes a card here.
            </p>
          </Empty>
        )}
        <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,20rem),1fr))] gap-4">
          {all.map((environment) => (
            <li key={environment.name}>
              <EnvironmentCard
                environment={environment}
                state={data === undefined ? null : environmentState(environment.name, jobs)}
              />
            </li>
          ))}
        </ul>
        {data === undefined ? error === null && <Loading /> : <Runs jobs={jobs} />}
      </div>
    </>
  );
}

function Runs({ jobs }: { readonly jobs: readonly JobSummary[] }): ReactNode {
  const open = jobs.filter(({ state }) => !hasEnded(state));
  const ended = jobs.filter(({ state }) => hasEnded(state)).slice(0, recentShown);
  return (
    <>
      {open.length > 0 && <List title="Now" jobs={open} />}
      {jobs.length === 0 ? (
        <Empty title="Nothing has run yet">
          <p>
            The first sync takes three steps: choose a source and a target, read the plan, type the target’s
            name. <Link href="/sync">Make the first plan</Link>; a plan changes nothing.
          </p>
        </Empty>
      ) : (
        ended.length > 0 && <List title="Recent runs" jobs={ended} />
      )}
    </>
  );
}

function List({ title, jobs }: { readonly title: string; readonly jobs: readonly JobSummary[] }): ReactNode {
  return (
    <section>
      <div className="mb-3 flex items-baseline justify-between">
        <h2 className="text-lg font-semibold">{title}</h2>
        <Link href="/runs" className="inline-flex min-h-6 items-center text-sm">
          All runs
        </Link>
      </div>
      <ul className="card divide-line divide-y">
        {jobs.map((job) => (
          <li key={job.id}>
            <RunLine job={job} />
          </li>
        ))}
      </ul>
    </section>
  );
}

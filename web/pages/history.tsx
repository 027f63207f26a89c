import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useSearchParams } from 'wouter';
import { queries } from '../api/queries.ts';
import type { JobKind, JobState } from '../api/types.ts';
import { stateWords, verbs } from '../lib/words.ts';
import { useTitle } from '../lib/use-title.ts';
import { Empty, Failure, Heading, Loading } from '../ui/basics.tsx';
import { Choice } from '../ui/choice.tsx';
import { RunLine } from '../ui/run-line.tsx';

const pageSize = 30;

interface Filter {
  readonly state: JobState | undefined;
  readonly kind: JobKind | undefined;
  readonly environment: string;
}

/** Every run, newest first; what is filtered stands in the address, so that it can be sent to somebody. */
export function History(): ReactNode {
  useTitle('Runs');
  const [search] = useSearchParams();
  const filter: Filter = {
    state: oneOf(Object.keys(stateWords) as JobState[], search.get('state')),
    kind: oneOf(Object.keys(verbs) as JobKind[], search.get('kind')),
    environment: search.get('environment') ?? '',
  };
  return (
    <>
      <Heading>Runs</Heading>
      <Filters filter={filter} />
      <Runs filter={filter} />
    </>
  );
}

function Filters({ filter: { state, kind, environment } }: { readonly filter: Filter }): ReactNode {
  const [, setSearch] = useSearchParams();
  const environments = useQuery(queries.environments()).data?.environments ?? [];
  const set = (name: string, value: string): void => {
    setSearch(
      (before) => {
        const next = new URLSearchParams(before);
        if (value === '') next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true },
    );
  };
  return (
    <div className="card mb-5 grid gap-4 p-4 sm:grid-cols-3">
      <Choice
        label="State"
        value={state ?? ''}
        values={{ '': 'Every state', ...stateWords }}
        filter
        choose={(value) => {
          set('state', value);
        }}
      />
      <Choice
        label="Kind"
        value={kind ?? ''}
        values={{ '': 'Every kind', ...verbs }}
        choose={(value) => {
          set('kind', value);
        }}
      />
      <Choice
        label="Environment"
        value={environment}
        values={{
          '': 'Every environment',
          ...Object.fromEntries(environments.map(({ name }) => [name, name])),
        }}
        choose={(value) => {
          set('environment', value);
        }}
      />
    </div>
  );
}

function Runs({ filter: { state, kind, environment } }: { readonly filter: Filter }): ReactNode {
  const { data, error, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    queries.history({
      limit: pageSize,
      ...(state === undefined ? {} : { state }),
      ...(kind === undefined ? {} : { kind }),
      ...(environment === '' ? {} : { environment }),
    }),
  );
  const jobs = data?.pages.flatMap((page) => page.jobs) ?? [];
  const isFiltered = state !== undefined || kind !== undefined || environment !== '';
  return (
    <>
      <Failure error={error} />
      {isPending && <Loading />}
      {data !== undefined && jobs.length === 0 && (
        <Empty title={isFiltered ? 'No run fits' : 'Nothing has run yet'}>
          <p>
            {isFiltered
              ? 'Choose less, to see more.'
              : 'What is started here, by the API, or by the command line through this service is listed here.'}
          </p>
        </Empty>
      )}
      {jobs.length > 0 && (
        <ul className="card divide-line divide-y" aria-label="Runs">
          {jobs.map((job) => (
            <li key={job.id}>
              <RunLine job={job} />
            </li>
          ))}
        </ul>
      )}
      {hasNextPage && (
        <button
          type="button"
          className="button mt-4"
          disabled={isFetchingNextPage}
          onClick={() => {
            void fetchNextPage();
          }}
        >
          Older runs
        </button>
      )}
    </>
  );
}

function oneOf<V extends string>(values: readonly V[], value: string | null): V | undefined {
  return values.find((one) => one === value);
}

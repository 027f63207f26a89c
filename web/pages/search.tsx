import { useQueries, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { call } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { Environment, JobSummary } from '../api/types.ts';
import { count, counted } from '../lib/format.ts';
import { useTitle } from '../lib/use-title.ts';
import { Empty, EnvironmentName, Failure, Heading, Loading, Tag, Time } from '../ui/basics.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { SearchHealth } from '../ui/environment-card.tsx';
import { Table } from '../ui/table.tsx';

/** The last run of each environment that left collections is among so many. */
const looked = 5;

/** What the last run made of each environment's search, and how it is rebuilt. */
export function Search(): ReactNode {
  useTitle('Search');
  const { data, error, isPending } = useQuery(queries.environments());
  const all = (data?.environments ?? []).filter(({ search }) => search);
  return (
    <>
      <Heading lead="The collections as the last run made them. A rebuild makes new ones beside them, compares them with the database, and moves the aliases; the search answers all the time.">
        Search
      </Heading>
      <Failure error={error} />
      {isPending && <Loading />}
      {data !== undefined && all.length === 0 && (
        <Empty title="No environment has a search">
          <p>
            Set <code>NAME_TYPESENSE_URL</code> and <code>NAME_TYPESENSE_API_KEY</code> of an environment.
          </p>
        </Empty>
      )}
      <ul className="space-y-5">
        {all.map((environment) => (
          <li key={environment.name}>
            <One environment={environment} />
          </li>
        ))}
      </ul>
    </>
  );
}

const touchesSearch = ({ kind, state, target }: JobSummary, name: string): boolean =>
  state === 'done' && target === name && kind !== 'verify' && kind !== 'export';

function One({ environment }: { readonly environment: Environment }): ReactNode {
  const { name } = environment;
  const [, go] = useLocation();
  const test = useQuery(queries.test(name)).data;
  const listed = useQuery(queries.jobs({ limit: 100, undo: 'no' })).data?.jobs ?? [];
  const ids = listed.filter((job) => touchesSearch(job, name)).slice(0, looked);
  const found = useQueries({ queries: ids.map(({ id }) => ({ ...queries.job(id), staleTime: 60_000 })) });
  const last = found
    .flatMap(({ data }) => (data === undefined ? [] : [data]))
    .find(({ receipt }) => receipt?.type === 'receipt' && receipt.collections.length > 0);
  const collections = last?.receipt?.type === 'receipt' ? last.receipt.collections : [];
  return (
    <article aria-label={name} className="card space-y-4 p-5">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h2 className="flex flex-wrap items-center gap-3">
          <EnvironmentName name={name} large />
          <span className="text-sm">
            <SearchHealth environment={environment} test={test} />
          </span>
        </h2>
        <Confirm
          label="Rebuild …"
          look="plain"
          title={`Rebuild the search of ${name}?`}
          verb="Rebuild it"
          keep="Not now"
          name={null}
          disabled={environment.protection === 'source-only'}
          go={() => call('POST /api/sync/typesense', { body: { environment: name } })}
          done={(answer) => {
            go(`/runs/${(answer as { readonly id: string }).id}`);
          }}
        >
          <p>
            New collections are built from the database of {name} and compared with it; then the aliases move.
            The old collections stay for an undo.
          </p>
        </Confirm>
      </div>
      {last === undefined ? (
        <p className="text-soft text-sm">No run of this service has built it yet.</p>
      ) : (
        <>
          <p className="text-soft text-sm">
            {counted(collections.length, 'collection')} by{' '}
            <Link href={`/runs/${last.id}`}>
              this run, <Time at={last.finishedAt ?? last.createdAt} />
            </Link>
          </p>
          <Table
            caption={`Collections of ${name}`}
            columns={[
              { title: 'Alias', cell: ({ alias }) => alias },
              { title: 'Collection', cell: ({ collection }) => collection ?? '–', width: 'minmax(0,2fr)' },
              { title: 'Documents', cell: ({ documents }) => count(documents), isNumber: true },
              {
                title: 'Compared',
                cell: ({ verified }) =>
                  verified ? <Tag tone="good">✓ verified</Tag> : <Tag>not checked</Tag>,
              },
            ]}
            rows={collections}
            keyOf={({ alias }) => alias}
          />
        </>
      )}
    </article>
  );
}

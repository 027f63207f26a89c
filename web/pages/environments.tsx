import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { queries } from '../api/queries.ts';
import type { Environment, EnvironmentTest } from '../api/types.ts';
import { bytes } from '../lib/format.ts';
import { isProduction, protectionWords } from '../lib/words.ts';
import { useTitle } from '../lib/use-title.ts';
import {
  EnvironmentName,
  ErrorWords,
  Facts,
  Failure,
  Heading,
  Loading,
  Notice,
  Tag,
  Time,
} from '../ui/basics.tsx';
import { Health } from '../ui/environment-card.tsx';

/** How each environment is set up, and what a test of it found. Secrets never come to the page. */
export function Environments(): ReactNode {
  useTitle('Environments');
  const { data, error, isPending } = useQuery(queries.environments());
  return (
    <>
      <Heading lead="As they are configured, and what was found when they were tried. A test reads only.">
        Environments
      </Heading>
      <Failure error={error} />
      {isPending && <Loading />}
      <ul className="space-y-5">
        {data?.environments.map((environment) => (
          <li key={environment.name}>
            <One environment={environment} />
          </li>
        ))}
      </ul>
    </>
  );
}

function One({ environment }: { readonly environment: Environment }): ReactNode {
  const { name, protection, schema, database } = environment;
  const client = useQueryClient();
  const test = useQuery(queries.test(name));
  return (
    <article
      aria-label={name}
      className={`card overflow-hidden ${isProduction(name) ? 'border-production' : ''}`}
    >
      {isProduction(name) && <div className="bg-production h-1" />}
      <div className="space-y-5 p-5">
        <div className="flex flex-wrap items-center justify-between gap-3">
          <h2 className="flex flex-wrap items-center gap-3">
            <EnvironmentName name={name} large />
            <Tag tone={protection === 'open' ? 'warn' : 'plain'}>{protectionWords[protection].word}</Tag>
          </h2>
          <div className="flex flex-wrap items-center gap-3">
            {test.dataUpdatedAt > 0 && (
              <span className="text-soft text-sm">
                tried <Time at={test.dataUpdatedAt} />
              </span>
            )}
            <button
              type="button"
              className="button"
              disabled={test.isFetching}
              onClick={() => {
                void client.invalidateQueries({ queryKey: ['test', name] });
              }}
            >
              {test.isFetching ? 'Testing …' : 'Test now'}
            </button>
          </div>
        </div>
        <div className="grid gap-6 lg:grid-cols-3">
          <div className="space-y-2">
            <h3 className="text-soft text-sm font-medium">Configured</h3>
            <Facts
              facts={[
                ['Database', `${database.host}:${database.port}/${database.name}`],
                ['Schema', schema],
                ['Protection', protectionWords[protection].meaning],
                ['Search', environment.search ? 'a Typesense is set' : 'none'],
                ['Runs', <Link href={`/runs?environment=${name}`}>All of {name}</Link>],
              ]}
            />
          </div>
          <div className="space-y-2">
            <h3 className="text-soft text-sm font-medium">Database</h3>
            {test.data === undefined ? (
              <Waiting failed={test.error} />
            ) : (
              <DatabaseFound database={test.data.database} />
            )}
          </div>
          <div className="space-y-2">
            <h3 className="text-soft text-sm font-medium">Search</h3>
            {test.data === undefined ? (
              <Waiting failed={test.error} />
            ) : (
              <SearchFound search={test.data.search} />
            )}
          </div>
        </div>
      </div>
    </article>
  );
}

const Waiting = ({ failed }: { readonly failed: Error | null }): ReactNode =>
  failed === null ? <Loading>Trying …</Loading> : <Failure error={failed} />;

function DatabaseFound({ database }: { readonly database: EnvironmentTest['database'] }): ReactNode {
  if (!database.ok)
    return (
      <Notice tone="bad">
        <ErrorWords error={database.error} />
      </Notice>
    );
  const { serverVersion, bytes: size, superuser, createsDatabases, owns, durationMs } = database;
  return (
    <Facts
      facts={[
        ['State', <Health tone="good">reachable in {durationMs} ms</Health>],
        ['Version', `PostgreSQL ${serverVersion}`],
        ['Size', bytes(size)],
        [
          'The role',
          [
            superuser ? 'is superuser' : 'is no superuser',
            createsDatabases ? 'may create databases' : 'may not create databases',
            owns ? 'owns the database' : 'does not own the database',
          ].join(', '),
        ],
      ]}
    />
  );
}

function SearchFound({ search }: { readonly search: EnvironmentTest['search'] }): ReactNode {
  if (search === null) return <p className="text-soft text-sm">It has none.</p>;
  if (!search.ok)
    return (
      <Notice tone="bad">
        <ErrorWords error={search.error} />
      </Notice>
    );
  const { nodes, missingActions, missingNiceties, sharedWith } = search;
  return (
    <Facts
      facts={[
        [
          'State',
          missingActions.length === 0 ? (
            <Health tone="good">ready</Health>
          ) : (
            <Health tone="bad">the key may not: {missingActions.join(', ')}</Health>
          ),
        ],
        [
          nodes.length === 1 ? 'Node' : 'Nodes',
          <ul>
            {nodes.map(({ url, version, leader }) => (
              <li key={url}>
                {url}, Typesense {version}
                {leader && nodes.length > 1 ? ', leader' : ''}
              </li>
            ))}
          </ul>,
        ],
        missingNiceties.length === 0 ? null : ['Does without', missingNiceties.join(', ')],
        sharedWith.length === 0
          ? null
          : [
              'Shared',
              sharedWith
                .map(({ environment, reason }) =>
                  reason === undefined ? `with ${environment}` : `with ${environment}? ${reason}`,
                )
                .join('; '),
            ],
      ]}
    />
  );
}

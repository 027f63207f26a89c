import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { call } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import { saveDump } from '../api/save-dump.ts';
import type { Dump, KeptState } from '../api/types.ts';
import { bytes, count, counted } from '../lib/format.ts';
import { useTitle } from '../lib/use-title.ts';
import { Empty, EnvironmentName, Failure, Heading, Loading, Notice, Tag, Time } from '../ui/basics.tsx';
import { Confirm } from '../ui/confirm.tsx';

/** What undos go back by, and the dumps: their size, their end, and what can be done with each. */
export function Dumps(): ReactNode {
  useTitle('Dumps and kept states');
  return (
    <>
      <Heading
        lead="Former states that an undo goes back by, and dumps. Kept states go when their time is over, with the next run on their environment."
        aside={
          <Link href="/tools" className="button main">
            New dump
          </Link>
        }
      >
        Dumps and kept states
      </Heading>
      <div className="space-y-10">
        <KeptStates />
        <AllDumps />
      </div>
    </>
  );
}

function KeptStates(): ReactNode {
  const { data, error, isPending } = useQuery(queries.kept());
  const kept = data?.kept ?? [];
  const sum = kept.reduce((total, one) => total + (one.bytes ?? 0), 0);
  return (
    <section className="space-y-3">
      <h2 className="text-lg font-semibold">
        Kept for undo{' '}
        {kept.length > 0 && (
          <span className="text-soft text-sm font-normal">
            {counted(kept.length, 'state')}, {bytes(sum)} in all
          </span>
        )}
      </h2>
      <Failure error={error} />
      {isPending && <Loading>Asking the servers …</Loading>}
      {data?.notAsked.map(({ environment, reason }) => (
        <Notice key={environment} tone="warn">
          {environment} could not be asked: {reason}
        </Notice>
      ))}
      {(data?.unreadable.length ?? 0) > 0 && (
        <Notice tone="warn">These manifests cannot be read: {data?.unreadable.join(', ')}.</Notice>
      )}
      {data !== undefined && kept.length === 0 && (
        <Empty title="Nothing is kept">
          <p>
            Each sync, import and undo leaves the state before it here, for as long as the undo time says.
          </p>
        </Empty>
      )}
      {kept.length > 0 && (
        <ul className="card divide-line divide-y" aria-label="Kept states">
          {kept.map((state) => (
            <Kept key={`${state.environment} ${state.id}`} state={state} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Kept({ state }: { readonly state: KeptState }): ReactNode {
  const { id, kind, environment, jobId, bytes: size, keptAt, until, inUse } = state;
  const client = useQueryClient();
  return (
    <li className="flex flex-wrap items-center gap-x-6 gap-y-3 px-4 py-3">
      <div className="min-w-0 flex-1 basis-64">
        <p className="flex flex-wrap items-center gap-2">
          <EnvironmentName name={environment} /> <Tag>{kind}</Tag>
          {inUse !== null && <Tag tone="warn">in use: {inUse}</Tag>}
        </p>
        <p className="text-soft truncate font-mono text-xs" title={id}>
          {id}
        </p>
      </div>
      <p className="text-sm tabular-nums">{size === null ? 'size not known' : bytes(size)}</p>
      <p className="text-soft text-sm">
        kept <Time at={keptAt} />, ends <Time at={until} />
      </p>
      <div className="flex gap-2">
        <Link href={`/runs/${jobId}`} className="button">
          To its undo
        </Link>
        <Confirm
          label="Remove …"
          look="plain"
          title="Remove this kept state?"
          verb="Remove it for good"
          name={environment}
          go={() => call('DELETE /api/kept/{id}', { params: { id }, query: { confirm: environment } })}
          done={() => {
            void client.invalidateQueries({ queryKey: ['kept'] });
            void client.invalidateQueries({ queryKey: ['job', jobId] });
          }}
        >
          <p>
            The {kind} <code className="break-all">{id}</code> is removed. The run it belongs to cannot be
            undone any more.
          </p>
        </Confirm>
      </div>
    </li>
  );
}

function AllDumps(): ReactNode {
  const { data, error, isPending } = useQuery(queries.dumps());
  const dumps = data?.dumps ?? [];
  const sum = dumps.reduce((total, one) => total + one.bytes, 0);
  return (
    <section className="space-y-3">
      <h2 className="text-lg font-semibold">
        Dumps{' '}
        {dumps.length > 0 && (
          <span className="text-soft text-sm font-normal">
            {counted(dumps.length, 'dump')}, {bytes(sum)} in all
          </span>
        )}
      </h2>
      <Failure error={error} />
      {isPending && <Loading />}
      {data !== undefined && dumps.length === 0 && (
        <Empty title="No dump yet">
          <p>
            An export writes one: plain SQL that <code>psql</code> restores, with a manifest.{' '}
            <Link href="/tools">Write one</Link>
          </p>
        </Empty>
      )}
      {dumps.length > 0 && (
        <ul className="card divide-line divide-y" aria-label="Dumps">
          {dumps.map((dump) => (
            <OneDump key={dump.id} dump={dump} />
          ))}
        </ul>
      )}
    </section>
  );
}

function OneDump({ dump }: { readonly dump: Dump }): ReactNode {
  const { id, purpose, environment, createdAt, jobId, tables, rows, bytes: size, serverVersion } = dump;
  const client = useQueryClient();
  const save = useMutation({ mutationFn: () => saveDump(dump) });
  return (
    <li className="flex flex-wrap items-center gap-x-6 gap-y-3 px-4 py-3">
      <div className="min-w-0 flex-1 basis-64">
        <p className="flex flex-wrap items-center gap-2">
          <EnvironmentName name={environment} />
          <Tag>{purpose === 'backup' ? 'safety copy' : 'export'}</Tag>
        </p>
        <p className="text-soft truncate font-mono text-xs" title={id}>
          {id}
        </p>
      </div>
      <p className="text-soft text-sm">
        {counted(tables, 'table')}, {count(rows)} rows, {bytes(size)}
        <span className="block">
          PostgreSQL {serverVersion}, <Time at={Date.parse(createdAt)} />
          {jobId !== null && (
            <>
              {', '}
              <Link href={`/runs/${jobId}`}>by this run</Link>
            </>
          )}
        </span>
      </p>
      <div className="flex flex-wrap gap-2">
        <Link href={`/tools?dump=${id}`} className="button">
          Restore …
        </Link>
        <button
          type="button"
          className="button"
          disabled={save.isPending}
          onClick={() => {
            save.mutate();
          }}
        >
          {save.isPending ? 'Downloading …' : 'Download'}
        </button>
        <Confirm
          label="Remove …"
          look="plain"
          title="Remove this dump?"
          verb="Remove it for good"
          name={null}
          go={() => call('DELETE /api/dumps/{id}', { params: { id } })}
          done={() => {
            void client.invalidateQueries({ queryKey: ['dumps'] });
          }}
        >
          <p>
            <code className="break-all">{id}</code> with {count(rows)} rows of {environment} is removed.
          </p>
        </Confirm>
      </div>
      {save.error !== null && (
        <div className="w-full">
          <Failure error={save.error} />
        </div>
      )}
    </li>
  );
}

import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import { Link, useLocation, useSearchParams } from 'wouter';
import { call } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { Environment } from '../api/types.ts';
import { bytes } from '../lib/format.ts';
import { useTitle } from '../lib/use-title.ts';
import { likelySource, likelyTarget, mayBeTarget } from '../lib/words.ts';
import { EnvironmentName, Failure, Heading, Loading } from '../ui/basics.tsx';
import { Choice } from '../ui/choice.tsx';
import { Confirm } from '../ui/confirm.tsx';

interface Props {
  readonly all: readonly Environment[];
}

/** What can be done beside a sync: compare, write a dump, restore one. */
export function Tools(): ReactNode {
  useTitle('Tools');
  const { data, error, isPending } = useQuery(queries.environments());
  const all = data?.environments ?? [];
  return (
    <>
      <Heading lead="Compare two environments, write a dump, or put a dump in the place of an environment.">
        Tools
      </Heading>
      <Failure error={error} />
      {isPending && <Loading />}
      {all.length > 0 && (
        <div className="grid items-start gap-5 lg:grid-cols-2">
          <Restore all={all} />
          <Compare all={all} />
          <Export all={all} />
        </div>
      )}
    </>
  );
}

const named = (all: readonly Environment[]): Readonly<Record<string, string>> =>
  Object.fromEntries(all.map(({ name }) => [name, name]));

function Compare({ all }: Props): ReactNode {
  const [left, setLeft] = useState(likelySource(all));
  const [right, setRight] = useState(likelyTarget(all, left));
  const start = useStart(() => call('POST /api/verify', { body: { left, right } }));
  return (
    <Form title="Compare" verb="Compare" start={start} disabled={left === right || right === ''}>
      <p className="text-soft text-sm">Every table by digest, and every object. Reads only.</p>
      <div className="grid gap-4 sm:grid-cols-2">
        <Choice label="One" value={left} values={named(all)} choose={setLeft} />
        <Choice label="The other" value={right} values={named(all)} choose={setRight} />
      </div>
    </Form>
  );
}

function Export({ all }: Props): ReactNode {
  const [environment, setEnvironment] = useState(likelySource(all));
  const [compression, setCompression] = useState<'gzip' | 'none'>('gzip');
  const start = useStart(() => call('POST /api/sync/export', { body: { environment, compression } }));
  return (
    <Form title="Write a dump" verb="Write the dump" start={start}>
      <p className="text-soft text-sm">
        Plain SQL that <code>psql</code> restores, with a manifest; it is listed with the{' '}
        <Link href="/dumps">dumps</Link>.
      </p>
      <div className="grid gap-4 sm:grid-cols-2">
        <Choice label="Of" value={environment} values={named(all)} choose={setEnvironment} />
        <Choice
          label="Compression"
          value={compression}
          values={{ gzip: 'gzip', none: 'none' }}
          choose={setCompression}
        />
      </div>
    </Form>
  );
}

function Restore({ all }: Props): ReactNode {
  const [search] = useSearchParams();
  const [, go] = useLocation();
  const dumps = useQuery(queries.dumps()).data?.dumps ?? [];
  const targets = all.filter(mayBeTarget);
  const [chosen, setChosen] = useState(search.get('dump') ?? '');
  const [target, setTarget] = useState(likelyTarget(all, likelySource(all)));
  const dump = dumps.find(({ id }) => id === chosen) ?? dumps[0];
  return (
    <section className="card space-y-4 p-5">
      <h2 className="font-semibold">Restore a dump</h2>
      {dump === undefined ? (
        <p className="text-soft text-sm">There is no dump yet.</p>
      ) : (
        <>
          <p className="text-soft text-sm">
            The environment is replaced by what the dump holds, and proved equal to it.
          </p>
          <Choice
            label="Dump"
            value={dump.id}
            values={Object.fromEntries(
              dumps.map(({ id, environment, createdAt, bytes: size }) => [
                id,
                `${environment}, ${new Date(createdAt).toLocaleString()}, ${bytes(size)}`,
              ]),
            )}
            choose={setChosen}
          />
          <Choice label="Into, which is replaced" value={target} values={named(targets)} choose={setTarget} />
          <Confirm
            label={`Replace ${target} …`}
            title={`Replace ${target} by a dump?`}
            verb={`Replace ${target}`}
            name={target}
            disabled={target === ''}
            go={() =>
              call('POST /api/sync/import', { body: { dump: { id: dump.id }, target, confirm: target } })
            }
            done={(answer) => {
              go(`/runs/${(answer as { readonly id: string }).id}`);
            }}
          >
            <p>
              Everything in <EnvironmentName name={target} /> is replaced by what {dump.environment} was on{' '}
              {new Date(dump.createdAt).toLocaleString()}. The old state stays for an undo.
            </p>
          </Confirm>
        </>
      )}
    </section>
  );
}

function useStart(ask: () => Promise<{ readonly id: string }>): {
  readonly start: (event: FormEvent) => void;
  readonly isPending: boolean;
  readonly error: Error | null;
} {
  const [, go] = useLocation();
  const { mutate, isPending, error } = useMutation({
    mutationFn: ask,
    onSuccess: ({ id }) => {
      go(`/runs/${id}`);
    },
  });
  return {
    start: (event) => {
      event.preventDefault();
      mutate();
    },
    isPending,
    error,
  };
}

function Form({
  title,
  verb,
  start,
  disabled = false,
  children,
}: {
  readonly title: string;
  readonly verb: string;
  readonly start: ReturnType<typeof useStart>;
  readonly disabled?: boolean;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <form className="card space-y-4 p-5" onSubmit={start.start} aria-label={title}>
      <h2 className="font-semibold">{title}</h2>
      {children}
      <Failure error={start.error} />
      <button className="button main" disabled={disabled || start.isPending}>
        {verb}
      </button>
    </form>
  );
}

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { call } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { Token } from '../api/types.ts';
import { Empty, Failure, Loading, Notice, Tag, Time } from '../ui/basics.tsx';
import { Choice } from '../ui/choice.tsx';
import { Confirm } from '../ui/confirm.tsx';

const scopes: Readonly<Record<Token['scope'], string>> = {
  read: 'Read: looks, starts nothing',
  operate: 'Operate: starts runs',
  admin: 'Admin: everything',
};
const dayMs = 86_400_000;
const lives = { '30': '30 days', '365': 'A year', '': 'Without an end' } as const;

/** Keys for programs and people, each with its name; a key is shown once. */
export function Tokens(): ReactNode {
  const { data, error, isPending } = useQuery(queries.tokens());
  return (
    <section className="space-y-4">
      <h2 className="text-lg font-semibold">Tokens</h2>
      <Failure error={error} />
      {isPending && <Loading />}
      {data?.tokens.length === 0 && (
        <Empty title="No token yet">
          <p>A token opens the service as the API key does, for what it is allowed, and is revoked alone.</p>
        </Empty>
      )}
      {data !== undefined && data.tokens.length > 0 && (
        <ul className="card divide-line divide-y" aria-label="Tokens">
          {data.tokens.map((token) => (
            <OneToken key={token.name} token={token} />
          ))}
        </ul>
      )}
      {data?.damaged.map(({ name, message }) => (
        <p key={name} role="alert">
          {message}
        </p>
      ))}
      {data !== undefined && <NewToken />}
    </section>
  );
}

function OneToken({ token }: { readonly token: Token }): ReactNode {
  const { name, scope, environments, createdAt, createdBy, expiresAt, expired, lastUsedAt } = token;
  const client = useQueryClient();
  return (
    <li className="flex flex-wrap items-center gap-x-6 gap-y-3 px-4 py-3">
      <div className="min-w-0 flex-1 basis-64">
        <p className="flex flex-wrap items-center gap-2 font-medium">
          {name} <Tag>{scope}</Tag>
          {expired && <Tag tone="warn">expired</Tag>}
        </p>
        <p className="text-soft text-sm">
          {environments === null ? 'all environments' : environments.join(', ')}; made <Time at={createdAt} />{' '}
          by {createdBy}
        </p>
      </div>
      <p className="text-soft text-sm">
        {lastUsedAt === null ? (
          'never used'
        ) : (
          <>
            used <Time at={lastUsedAt} />
          </>
        )}
        ,{' '}
        {expiresAt === null ? (
          'no end'
        ) : (
          <>
            ends <Time at={expiresAt} />
          </>
        )}
      </p>
      <Confirm
        label="Revoke …"
        look="plain"
        title={`Revoke ${name}?`}
        verb="Revoke it"
        name={null}
        go={() => call('DELETE /api/tokens/{name}', { params: { name } })}
        done={() => {
          void client.invalidateQueries({ queryKey: ['tokens'] });
        }}
      >
        <p>Whoever uses it is refused from then on.</p>
      </Confirm>
    </li>
  );
}

function NewToken(): ReactNode {
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [scope, setScope] = useState<Token['scope']>('read');
  const [days, setDays] = useState<keyof typeof lives>('365');
  const make = useMutation({
    mutationFn: () =>
      call('POST /api/tokens', {
        body: { name, scope, ...(days === '' ? {} : { expiresAt: Date.now() + Number(days) * dayMs }) },
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['tokens'] }),
  });
  return (
    <form
      className="card space-y-4 p-5"
      aria-label="New token"
      onSubmit={(event) => {
        event.preventDefault();
        make.mutate();
      }}
    >
      <h3 className="font-semibold">New token</h3>
      <div className="grid gap-4 sm:grid-cols-3">
        <label className="block">
          <span className="text-soft mb-1 block text-sm">Name</span>
          <input
            className="field"
            required
            autoComplete="off"
            value={name}
            onChange={(event) => {
              setName(event.target.value);
            }}
          />
        </label>
        <Choice label="Scope" value={scope} values={scopes} choose={setScope} />
        <Choice label="Good for" value={days} values={lives} choose={setDays} />
      </div>
      <Failure error={make.error} />
      {make.data !== undefined && (
        <Notice tone="good" role="status">
          <p>Copy it now; it is not shown again:</p>
          <code className="break-all" data-secret="">
            {make.data.secret}
          </code>
        </Notice>
      )}
      <button className="button main" disabled={make.isPending || name === ''}>
        Make the token
      </button>
    </form>
  );
}

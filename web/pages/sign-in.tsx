import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { Problem } from '../api/client.ts';
import { forgetPasses, keepKey } from '../api/pass.ts';
import { queries } from '../api/queries.ts';
import { Failure, Heading } from '../ui/basics.tsx';

/** `refused`: the one-time link by which somebody came, where it opened nothing. */
export function SignIn({
  refused,
  enter: entered,
}: {
  readonly refused: Problem | null;
  readonly enter: () => void;
}): ReactNode {
  const client = useQueryClient();
  const [key, setKey] = useState('');
  const enter = useMutation({
    mutationFn: async () => {
      forgetPasses();
      keepKey(key);
      await client.fetchQuery({ ...queries.environments(), staleTime: 0 });
    },
    onSuccess: entered,
  });
  return (
    <div className="mx-auto max-w-md pt-6">
      <Heading lead="This service is opened by its API key, or by a link that it prints once.">
        Sign in
      </Heading>
      <form
        className="card space-y-4 p-5"
        onSubmit={(event) => {
          event.preventDefault();
          enter.mutate();
        }}
      >
        <label className="block">
          <span className="mb-1.5 block text-sm font-medium">API key</span>
          <input
            type="password"
            className="field"
            autoComplete="off"
            required
            autoFocus
            value={key}
            onChange={(event) => {
              setKey(event.target.value);
            }}
          />
        </label>
        <button className="button main w-full" disabled={enter.isPending}>
          Sign in
        </button>
        <Failure error={enter.error ?? refused} />
        <p className="text-soft text-sm">
          The key stays in this tab until the tab is closed. A service without <code>API_KEY</code> prints a
          link in its terminal; <code>multiboard-sync page</code> prints another one.
        </p>
      </form>
    </div>
  );
}

import { useMutation, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { call } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { Channel } from '../api/types.ts';
import { useTitle } from '../lib/use-title.ts';
import { Empty, Failure, Heading, Loading, Tag } from '../ui/basics.tsx';
import { Tokens } from './tokens.tsx';

/** Who may come in, and who is told. Addresses and secrets never come to the page. */
export function Settings(): ReactNode {
  useTitle('Settings');
  return (
    <>
      <Heading>Settings</Heading>
      <div className="space-y-10">
        <Tokens />
        <Notices />
      </div>
    </>
  );
}

function Notices(): ReactNode {
  const { data, error, isPending } = useQuery(queries.notices());
  return (
    <section className="space-y-4">
      <h2 className="text-lg font-semibold">Notices</h2>
      <Failure error={error} />
      {isPending && <Loading />}
      {data?.channels.length === 0 && (
        <Empty title="Nobody is told yet">
          <p>
            Add a channel (webhook, Slack, e-mail) under <code>notices</code> in the configuration file, and
            start the service again.
          </p>
        </Empty>
      )}
      {data !== undefined && data.channels.length > 0 && (
        <ul className="card divide-line divide-y" aria-label="Channels">
          {data.channels.map((channel) => (
            <OneChannel key={channel.name} channel={channel} />
          ))}
        </ul>
      )}
    </section>
  );
}

function OneChannel({ channel }: { readonly channel: Channel }): ReactNode {
  const { name, type, to, events, environments } = channel;
  const test = useMutation({
    mutationFn: () => call('POST /api/notices/{name}/test', { params: { name }, body: {} }),
  });
  return (
    <li className="flex flex-wrap items-center gap-x-6 gap-y-3 px-4 py-3">
      <div className="min-w-0 flex-1 basis-64">
        <p className="flex flex-wrap items-center gap-2 font-medium">
          {name} <Tag>{type}</Tag>
        </p>
        <p className="text-soft text-sm">
          {events === null ? 'everything' : events.join(', ')} of{' '}
          {environments === null ? 'all environments' : environments.join(', ')}
          {to === null ? '' : `, to ${to.join(', ')}`}
        </p>
      </div>
      {test.isSuccess && (
        <span role="status" className="text-good text-sm">
          ✓ taken
        </span>
      )}
      <button
        type="button"
        className="button"
        disabled={test.isPending}
        onClick={() => {
          test.mutate();
        }}
      >
        {test.isPending ? 'Sending …' : 'Send a test'}
      </button>
      {test.error !== null && (
        <div className="w-full">
          <Failure error={test.error} />
        </div>
      )}
    </li>
  );
}

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { call } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { Schedule } from '../api/types.ts';
import { useTitle } from '../lib/use-title.ts';
import { jobTitle } from '../lib/words.ts';
import { Empty, EnvironmentName, Facts, Failure, Heading, Loading, Tag, Time } from '../ui/basics.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { NewSchedule } from './schedule-form.tsx';

/** What starts by itself: when, what became of the last times, and the way to stop it. */
export function Schedules(): ReactNode {
  useTitle('Schedules');
  const { data, error, isPending } = useQuery(queries.schedules());
  return (
    <>
      <Heading lead="Runs that the service starts by itself, in the time zone that each names. Those of the configuration file are changed there.">
        Schedules
      </Heading>
      <div className="space-y-6">
        <Failure error={error} />
        {isPending && <Loading />}
        {data?.schedules.length === 0 && (
          <Empty title="Nothing starts by itself">
            <p>A nightly refresh of staging from production is the usual first one.</p>
          </Empty>
        )}
        {data?.damaged.map(({ name, message }) => (
          <p key={name} role="alert">
            {message}
          </p>
        ))}
        <ul className="space-y-4">
          {data?.schedules.map((schedule) => (
            <li key={schedule.name}>
              <One schedule={schedule} />
            </li>
          ))}
        </ul>
        <NewSchedule />
      </div>
    </>
  );
}

function One({ schedule }: { readonly schedule: Schedule }): ReactNode {
  const { name, from, place, source, target, words, missed, paused, next, skip, events } = schedule;
  return (
    <article aria-label={name} className="card space-y-4 p-5">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h2 className="flex flex-wrap items-center gap-3 text-lg font-semibold">
          {name}
          {paused !== null && (
            <Tag tone="warn">{paused === 'file' ? 'paused by its file' : 'paused by a person'}</Tag>
          )}
          <Tag>{from === 'file' ? (place ?? 'of the file') : 'made here'}</Tag>
        </h2>
        <Orders schedule={schedule} />
      </div>
      <Facts
        facts={[
          [
            'What',
            <span className="inline-flex flex-wrap gap-2">
              {jobTitle({ kind: schedule.kind, source: null, target: null })}
              {source !== null && <EnvironmentName name={source} />}
              {target !== null && source !== null && '→'}
              {target !== null && <EnvironmentName name={target} />}
            </span>,
          ],
          ['When', words],
          ['If missed', missed === 'run' ? 'it runs once, late' : 'it is left out'],
          [
            'Next',
            <ol className="flex flex-wrap gap-x-4">
              {next.map((at) => (
                <li key={at} className={at === skip ? 'text-soft line-through' : ''}>
                  <Time at={at} />
                  {at === skip && <span className="sr-only">, left out</span>}
                </li>
              ))}
            </ol>,
          ],
        ]}
      />
      {events.length > 0 && (
        <ul className="border-line space-y-1 border-t pt-3 text-sm">
          {events.slice(0, 5).map(({ at, what, jobId, message }) => (
            <li key={`${at} ${what}`} className="flex flex-wrap gap-x-3">
              <span className="text-soft">
                <Time at={at} />
              </span>
              <span className={what === 'refused' || what === 'missed' ? 'text-warn' : ''}>{message}</span>
              {jobId !== null && <Link href={`/runs/${jobId}`}>the run</Link>}
            </li>
          ))}
        </ul>
      )}
    </article>
  );
}

function Orders({ schedule: { name, from, paused, skip } }: { readonly schedule: Schedule }): ReactNode {
  const client = useQueryClient();
  const [, go] = useLocation();
  const again = (): void => {
    void client.invalidateQueries({ queryKey: ['schedules'] });
  };
  const params = { name };
  const pause = useMutation({
    mutationFn: () =>
      call(paused === null ? 'POST /api/schedules/{name}/pause' : 'POST /api/schedules/{name}/resume', {
        params,
        body: {},
      }),
    onSettled: again,
  });
  const leaveOut = useMutation({
    mutationFn: () => call('POST /api/schedules/{name}/skip-next', { params, body: { skip: skip === null } }),
    onSettled: again,
  });
  return (
    <div className="flex flex-wrap gap-2">
      <button
        type="button"
        className="button"
        disabled={pause.isPending || paused === 'file'}
        onClick={() => {
          pause.mutate();
        }}
      >
        {paused === null ? 'Pause' : 'Go on'}
      </button>
      <button
        type="button"
        className="button"
        disabled={leaveOut.isPending}
        onClick={() => {
          leaveOut.mutate();
        }}
      >
        {skip === null ? 'Leave the next out' : 'Not leave it out'}
      </button>
      <Confirm
        label="Run now …"
        look="plain"
        title={`Run ${name} now?`}
        verb="Run it now"
        keep="Not now"
        name={null}
        go={() => call('POST /api/schedules/{name}/run', { params, body: {} })}
        done={(answer) => {
          go(`/runs/${(answer as { readonly id: string }).id}`);
        }}
      >
        <p>It is started once, beside its times.</p>
      </Confirm>
      {from === 'api' && (
        <Confirm
          label="Remove …"
          look="plain"
          title={`Remove ${name}?`}
          verb="Remove it"
          name={null}
          go={() => call('DELETE /api/schedules/{name}', { params })}
          done={again}
        >
          <p>It starts nothing any more. The runs it has started stay in the history.</p>
        </Confirm>
      )}
      <Failure error={pause.error ?? leaveOut.error} />
    </div>
  );
}

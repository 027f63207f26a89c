import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { call } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { Environment } from '../api/types.ts';
import { likelySource, likelyTarget, mayBeTarget } from '../lib/words.ts';
import { Failure } from '../ui/basics.tsx';
import { Choice } from '../ui/choice.tsx';

interface Fields {
  readonly name: string;
  readonly kind: 'sync' | 'export' | 'verify';
  readonly source: string;
  readonly target: string;
  readonly cron: string;
  readonly timeZone: string;
  readonly confirm: string;
}

/** Common times, for who does not think in cron. */
const times = {
  '0 3 * * *': 'Every night at 3',
  '0 3 * * 1-5': 'On weekdays at 3',
  '0 * * * *': 'Every hour',
  '0 3 * * 0': 'On Sundays at 3',
} as const;

export function NewSchedule(): ReactNode {
  const environments = useQuery(queries.environments()).data?.environments ?? [];
  return environments.length < 2 ? null : <ScheduleForm all={environments} />;
}

const scheduleOf = ({ kind, source, target, confirm, name, cron, timeZone }: Fields) => {
  const when = { name, cron, timeZone };
  switch (kind) {
    case 'sync':
      return { ...when, kind, input: { source, target, confirm } } as const;
    case 'export':
      return { ...when, kind, input: { environment: source, compression: 'gzip' } } as const;
    case 'verify':
      return { ...when, kind, input: { left: source, right: target } } as const;
    default:
      return kind satisfies never;
  }
};

function ScheduleForm({ all }: { readonly all: readonly Environment[] }): ReactNode {
  const client = useQueryClient();
  const [fields, setFields] = useState<Fields>({
    name: 'nightly',
    kind: 'sync',
    source: likelySource(all),
    target: likelyTarget(all, likelySource(all)),
    cron: '0 3 * * *',
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    confirm: '',
  });
  const make = useMutation({
    mutationFn: () => call('POST /api/schedules', { body: scheduleOf(fields) }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['schedules'] }),
  });
  const { kind, source, target } = fields;
  return (
    <form
      className="card space-y-4 p-5"
      aria-label="New schedule"
      onSubmit={(event) => {
        event.preventDefault();
        make.mutate();
      }}
    >
      <h2 className="font-semibold">New schedule</h2>
      <ScheduleFields all={all} fields={fields} set={setFields} />
      <Failure error={make.error} />
      <button
        className="button main"
        disabled={make.isPending || source === target || (kind === 'sync' && fields.confirm !== target)}
      >
        Make the schedule
      </button>
    </form>
  );
}

function ScheduleFields({
  all,
  fields,
  set,
}: {
  readonly all: readonly Environment[];
  readonly fields: Fields;
  readonly set: (fields: Fields) => void;
}): ReactNode {
  const { kind, source, target, cron } = fields;
  const named = (ones: readonly Environment[]): Readonly<Record<string, string>> =>
    Object.fromEntries(ones.map(({ name }) => [name, name]));
  const text = (label: string, name: 'name' | 'cron' | 'timeZone' | 'confirm'): ReactNode => (
    <label className="block">
      <span className="text-soft mb-1 block text-sm">{label}</span>
      <input
        className="field"
        required
        autoComplete="off"
        spellCheck={false}
        value={fields[name]}
        onChange={(event) => {
          set({ ...fields, [name]: event.target.value });
        }}
      />
    </label>
  );
  return (
    <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
      {text('Name', 'name')}
      <Choice
        label="What"
        value={kind}
        values={{ sync: 'Sync', export: 'Dump', verify: 'Comparison' }}
        choose={(value) => {
          set({ ...fields, kind: value });
        }}
      />
      <Choice
        label="Time"
        value={cron in times ? cron : ''}
        values={{ ...times, '': 'By the cron expression' }}
        choose={(value) => {
          if (value !== '') set({ ...fields, cron: value });
        }}
      />
      <Choice
        label="From"
        value={source}
        values={named(all)}
        choose={(value) => {
          set({ ...fields, source: value });
        }}
      />
      {kind !== 'export' && (
        <Choice
          label={kind === 'sync' ? 'To, which is replaced' : 'With'}
          value={target}
          values={named(kind === 'sync' ? all.filter(mayBeTarget) : all)}
          choose={(value) => {
            set({ ...fields, target: value });
          }}
        />
      )}
      {text('Cron expression', 'cron')}
      {text('Time zone', 'timeZone')}
      {kind === 'sync' && text(`Type ${target} to allow it each time`, 'confirm')}
    </div>
  );
}

import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useId, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import { call } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { Environment, JobSummary, Plan, PlanInput } from '../api/types.ts';
import { usualDuration } from '../lib/environment-state.ts';
import { isProduction, mayBeTarget, protectionWords } from '../lib/words.ts';
import { useTitle } from '../lib/use-title.ts';
import { Empty, EnvironmentName, Failure, Heading, Loading, Notice, Tag } from '../ui/basics.tsx';
import { Choice } from '../ui/choice.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { useVoice } from '../ui/live-region.tsx';
import { ReplaceWords } from './plan-confirm.tsx';
import { PlanDocument } from './plan-document.tsx';

type Options = Pick<PlanInput, 'mode' | 'backup' | 'search' | 'estimate'>;

/** A plan first, then the question, then the run. */
export function Sync(): ReactNode {
  useTitle('Sync');
  const { data } = useQuery(queries.environments());
  const jobs = useQuery(queries.jobs({ limit: 100, undo: 'no' })).data?.jobs;
  const all = data?.environments ?? [];
  return (
    <>
      <Heading lead="The plan reads both ends and changes nothing. What happens to every table is shown before anything is asked for.">
        Sync
      </Heading>
      {jobs === undefined ? (
        <Loading />
      ) : all.length < 2 ? (
        <Empty title="A sync needs two environments">
          <p>
            Set a second <code>NAME_DATABASE_URL</code> and start the service again.
          </p>
        </Empty>
      ) : (
        <Ends all={all} jobs={jobs} />
      )}
    </>
  );
}

function Ends({
  all,
  jobs,
}: {
  readonly all: readonly Environment[];
  readonly jobs: readonly JobSummary[];
}): ReactNode {
  const [search, setSearch] = useSearchParams();
  const [options, setOptions] = useState<Options>({});
  const { source, target } = chosen(all, jobs, search);
  const plan = useMutation({
    mutationFn: (input: PlanInput) => call('POST /api/plan', { body: input }),
  });
  const input: PlanInput = { source, target, ...options };
  const isOf = JSON.stringify(plan.variables) === JSON.stringify(input);
  const choose = (ends: { readonly source: string; readonly target: string }): void => {
    setSearch(ends, { replace: true });
  };
  return (
    <div className="space-y-6">
      <form
        className="card space-y-5 p-5"
        onSubmit={(event) => {
          event.preventDefault();
          plan.mutate(input);
        }}
      >
        <div className="grid items-stretch gap-4 md:grid-cols-[1fr_auto_1fr]">
          <End
            label="From"
            all={all}
            value={source}
            choose={(name) => {
              choose({ source: name, target: name === target ? '' : target });
            }}
          />
          <span
            aria-hidden="true"
            className="text-soft self-center text-2xl max-md:rotate-90 max-md:justify-self-center"
          >
            →
          </span>
          <End
            label="To, which is replaced"
            all={all.filter((one) => mayBeTarget(one) && one.name !== source)}
            value={target}
            choose={(name) => {
              choose({ source, target: name });
            }}
          />
        </div>
        <OptionFields
          options={options}
          set={setOptions}
          hasSearch={all.find(({ name }) => name === target)?.search ?? false}
        />
        <button className="button main" disabled={plan.isPending || target === ''}>
          {plan.isPending ? 'Reading both databases …' : 'Show the plan'}
        </button>
      </form>
      {plan.isPending && <Loading>Reading both databases; nothing is changed …</Loading>}
      {isOf && <Failure error={plan.error} />}
      {isOf && plan.data !== undefined && (
        <Planned
          key={plan.submittedAt}
          plan={plan.data}
          input={input}
          usual={usualDuration({ kind: 'sync', source, target }, jobs)}
        />
      )}
    </div>
  );
}

/** What the address says, else what was done last, else what looks right. */
function chosen(
  all: readonly Environment[],
  jobs: readonly JobSummary[],
  search: URLSearchParams,
): { readonly source: string; readonly target: string } {
  const named = (name: string | null): string | null => (all.some((one) => one.name === name) ? name : null);
  const last = jobs.find(({ kind }) => kind === 'sync');
  const askedTarget = named(search.get('target'));
  const likely =
    all.find(({ name }) => isProduction(name) && name !== askedTarget) ??
    all.find(({ protection, name }) => protection === 'source-only' && name !== askedTarget) ??
    all.find(({ name }) => name !== askedTarget);
  const source =
    named(search.get('source')) ??
    (last?.source !== askedTarget ? named(last?.source ?? null) : null) ??
    likely?.name ??
    '';
  const targets = all.filter((one) => mayBeTarget(one) && one.name !== source);
  const isTarget = (name: string | null | undefined): boolean => targets.some((one) => one.name === name);
  const target =
    [askedTarget, last?.target, targets.find(({ name }) => !isProduction(name))?.name, targets[0]?.name].find(
      isTarget,
    ) ?? '';
  return { source, target };
}

function End({
  label,
  all,
  value,
  choose,
}: {
  readonly label: string;
  readonly all: readonly Environment[];
  readonly value: string;
  readonly choose: (name: string) => void;
}): ReactNode {
  const field = useId();
  const one = all.find(({ name }) => name === value);
  return (
    <div
      className={`space-y-3 rounded-xl border p-4 ${isProduction(value) ? 'border-production' : 'border-line'}`}
    >
      <label htmlFor={field} className="text-soft block text-sm font-medium">
        {label}
      </label>
      <select
        id={field}
        className="field text-base font-semibold"
        value={value}
        onChange={(event) => {
          choose(event.target.value);
        }}
      >
        {all.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      {one !== undefined && (
        <div className="flex flex-wrap items-center gap-2 text-sm">
          {isProduction(value) && <EnvironmentName name={value} />}
          <Tag tone={one.protection === 'open' ? 'warn' : 'plain'}>
            {protectionWords[one.protection].word}
          </Tag>
          <span className="text-soft min-w-0 break-all">
            {one.database.host}:{one.database.port}/{one.database.name}
          </span>
        </div>
      )}
    </div>
  );
}

function OptionFields({
  options,
  set,
  hasSearch,
}: {
  readonly options: Options;
  readonly set: (options: Options) => void;
  readonly hasSearch: boolean;
}): ReactNode {
  const { mode, backup, search, estimate } = options;
  return (
    <details className="group">
      <summary className="text-soft inline-flex min-h-9 items-center gap-2 text-sm font-medium">
        <span aria-hidden="true" className="transition-transform group-open:rotate-90">
          ›
        </span>
        Options
      </summary>
      <div className="grid gap-4 pt-3 sm:grid-cols-3">
        <Choice
          label="Mode"
          value={mode ?? 'auto'}
          values={{
            auto: 'By what the role may',
            replace: 'Replace',
            'in-place': 'In place',
            switch: 'Switch',
            merge: 'Merge',
          }}
          choose={(value) => {
            set({ ...without(options, 'mode'), ...(value === 'auto' ? {} : { mode: value }) });
          }}
        />
        <Choice
          label="For the undo"
          value={backup ?? 'file'}
          values={{ file: 'A safety copy as well', kept: 'The kept database alone' }}
          choose={(value) => {
            set({ ...without(options, 'backup'), ...(value === 'file' ? {} : { backup: value }) });
          }}
        />
        <Choice
          label="Rows of the plan"
          value={estimate === true ? 'estimate' : 'exact'}
          values={{ exact: 'Counted exactly', estimate: 'From statistics, at once' }}
          choose={(value) => {
            set({ ...without(options, 'estimate'), ...(value === 'exact' ? {} : { estimate: true }) });
          }}
        />
        {hasSearch && (
          <label className="flex min-h-9 items-center gap-2 text-sm">
            <input
              type="checkbox"
              className="size-5"
              checked={search !== false}
              onChange={(event) => {
                set({ ...without(options, 'search'), ...(event.target.checked ? {} : { search: false }) });
              }}
            />
            Rebuild its search
          </label>
        )}
      </div>
    </details>
  );
}

/** What is not said is left to the service. */
function without<K extends keyof Options>(options: Options, name: K): Omit<Options, K> {
  const { [name]: _, ...rest } = options;
  return rest;
}

function Planned({
  plan,
  input,
  usual,
}: {
  readonly plan: Plan;
  readonly input: PlanInput;
  readonly usual: ReturnType<typeof usualDuration>;
}): ReactNode {
  const [, go] = useLocation();
  const say = useVoice();
  const heading = useRef<HTMLHeadingElement>(null);
  const blocked = plan.blockers.length > 0;
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
    heading.current?.scrollIntoView({ block: 'start', behavior: 'instant' });
    say(blocked ? 'The plan is there. Something is in its way.' : 'The plan is there.', 'news');
  }, [say, blocked]);
  const { estimate: _, ...request } = input;
  return (
    <>
      <PlanDocument plan={plan} usual={usual} heading={heading} />
      <div className="bg-card border-line sticky bottom-4 z-10 flex flex-wrap items-center justify-between gap-3 rounded-xl border p-4 shadow-lg max-md:bottom-20">
        {blocked ? (
          <Notice tone="bad">This sync would fail, so it cannot be started.</Notice>
        ) : (
          <>
            <span className="text-soft text-sm max-sm:hidden">
              Nothing has been changed. The old state of {plan.target} stays for an undo.
            </span>
            <span className="max-sm:w-full max-sm:[&>button]:w-full">
              <Confirm
                label={`Replace ${plan.target} …`}
                title={`Replace ${plan.target}?`}
                verb={`Replace ${plan.target}`}
                name={plan.target}
                go={() => call('POST /api/sync', { body: { ...request, confirm: plan.target } })}
                done={(answer) => {
                  go(`/runs/${(answer as { readonly id: string }).id}`);
                }}
              >
                <ReplaceWords plan={plan} />
              </Confirm>
            </span>
          </>
        )}
      </div>
    </>
  );
}

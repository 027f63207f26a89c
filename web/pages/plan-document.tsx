import type { ReactNode, RefObject } from 'react';
import { useState } from 'react';
import type { Plan } from '../api/types.ts';
import { bytes, count, counted, duration } from '../lib/format.ts';
import { planNumbers, someOf } from '../lib/plan-numbers.ts';
import { maskingFacts } from '../lib/masking.ts';
import { actionWords, changeWords, modeWords } from '../lib/words.ts';
import { EnvironmentName, ErrorWords, Facts, Fold, Notice } from '../ui/basics.tsx';
import { Table } from '../ui/table.tsx';
import type { Column } from '../ui/table.tsx';

interface Props {
  readonly plan: Plan;
  readonly usual: { readonly ms: number; readonly runs: number } | null;
  readonly heading: RefObject<HTMLHeadingElement | null>;
}

/** The plan as a document: what is in the way, what happens, how, and every table. */
export function PlanDocument({ plan, usual, heading }: Props): ReactNode {
  return (
    <section className="space-y-5" aria-labelledby="plan-title">
      <h2
        id="plan-title"
        ref={heading}
        tabIndex={-1}
        className="flex flex-wrap items-center gap-2 text-xl font-semibold"
      >
        Plan: <EnvironmentName name={plan.source} /> <span className="text-soft">→</span>{' '}
        <EnvironmentName name={plan.target} />
      </h2>
      {plan.blockers.map((blocker) => (
        <Notice key={blocker.message} tone="bad">
          <ErrorWords error={blocker} />
        </Notice>
      ))}
      {plan.warnings.map((warning) => (
        <Notice key={warning} tone="warn">
          {warning}
        </Notice>
      ))}
      <Numbers plan={plan} usual={usual} />
      <div className="grid gap-4 md:grid-cols-2">
        <How plan={plan} />
        <Stays plan={plan} />
      </div>
      <Differences plan={plan} />
      <Tables plan={plan} />
    </section>
  );
}

function Numbers({ plan, usual }: Omit<Props, 'heading'>): ReactNode {
  const { replaced, kept, emptied, rows, bytes: size } = planNumbers(plan);
  const figures: (readonly [string, string, string])[] = [
    [
      'Tables replaced',
      count(replaced.length),
      [kept.length > 0 ? `${kept.length} kept` : '', emptied.length > 0 ? `${emptied.length} emptied` : '']
        .filter((word) => word !== '')
        .join(', '),
    ],
    rows === null
      ? ['Rows', '–', 'not counted one by one']
      : [
          'Rows that change',
          count(rows.insert + rows.update + rows.delete),
          `${count(rows.insert)} in, ${count(rows.update)} updated, ${count(rows.delete)} out`,
        ],
    ['To read', bytes(size), `up to ${counted(plan.connections.source, 'session')} on ${plan.source}`],
    usual === null
      ? ['Time', '–', 'not run before']
      : ['Takes usually', duration(usual.ms), `by the last ${counted(usual.runs, 'run')}`],
  ];
  return (
    <dl className="card divide-line grid grid-cols-2 divide-x divide-y lg:grid-cols-4 lg:divide-y-0">
      {figures.map(([name, value, more]) => (
        <div key={name} className="p-4">
          <dt className="text-soft text-sm">{name}</dt>
          <dd className="mt-1 text-2xl font-semibold tabular-nums">{value}</dd>
          <dd className="text-soft text-sm">{more}</dd>
        </div>
      ))}
    </dl>
  );
}

function How({ plan }: { readonly plan: Plan }): ReactNode {
  const { mode, modeReason, sessions, schemas, collections, target } = plan;
  const who = sessions.map(({ role, application }) =>
    application === '' ? role : `${role} (${application})`,
  );
  return (
    <section className="card space-y-3 p-5">
      <h3 className="font-semibold">How</h3>
      {mode !== null && <p className="text-sm">{modeWords[mode].blocking}</p>}
      <Facts
        facts={[
          ['Mode', mode === null ? 'not decided: something is in the way' : modeWords[mode].title],
          modeReason === null ? null : ['Because', modeReason],
          [
            'Sessions ended',
            sessions.length === 0 ? 'none' : `${sessions.length}: ${someOf([...new Set(who)])}`,
          ],
          schemas === null ? null : ['Schema', `${schemas.source} becomes ${schemas.target}`],
          [
            'Search',
            collections.length === 0
              ? `of ${target} is left as it is`
              : collections
                  .map(({ name, documentsEstimated, changes }) =>
                    changes === undefined
                      ? `${name}: about ${count(documentsEstimated)} documents`
                      : `${name}: ${count(documentsEstimated)} documents, ${count(changes.add)} to add, ` +
                        `${count(changes.change)} to change, ${count(changes.remove)} to remove`,
                  )
                  .join(', '),
          ],
        ]}
      />
    </section>
  );
}

function Stays({ plan }: { readonly plan: Plan }): ReactNode {
  const { kept, emptied } = planNumbers(plan);
  const names = (tables: typeof kept): string => someOf(tables.map(({ table }) => table));
  const { largeObjects, leftOut, masking, source, target } = plan;
  return (
    <section className="card space-y-3 p-5">
      <h3 className="font-semibold">What stays, and the room it needs</h3>
      <Facts
        facts={[
          ['For an undo', plan.safety],
          ['Kept rows', kept.length === 0 ? 'none' : names(kept)],
          ['Emptied', emptied.length === 0 ? 'none' : names(emptied)],
          largeObjects === null
            ? null
            : [
                'Large objects',
                `${actionWords[largeObjects.action]}: ${count(largeObjects.sourceObjects)} in ${source} (${bytes(largeObjects.bytes)}), ${count(largeObjects.targetObjects)} in ${target}`,
              ],
          leftOut.length === 0 ? null : ['Left out', someOf(leftOut)],
          ...maskingFacts(masking),
          [
            'Room on the server',
            `${bytes(plan.targetBytesNeeded)} beside what it has, until the undo time is over`,
          ],
          ['Room for dumps', bytes(plan.dumpBytesNeeded)],
        ]}
      />
    </section>
  );
}

function Differences({ plan: { differences, target } }: { readonly plan: Plan }): ReactNode {
  if (differences === null)
    return (
      <Notice tone="info">
        What appears and vanishes in {target} is not shown: it hangs on what is in the way.
      </Notice>
    );
  if (differences.length === 0) return null;
  const order = ['vanishes', 'changes', 'appears'];
  const words = differences.map(({ kind, name, difference }) => ({
    kind,
    name,
    word: changeWords[difference] ?? difference,
  }));
  const groups = [...new Set(words.map(({ word }) => word))].toSorted(
    (one, other) => order.indexOf(one) - order.indexOf(other),
  );
  return (
    <Fold
      title={`Objects of ${target}: ${groups.map((word) => `${words.filter((one) => one.word === word).length} ${word}`).join(', ')}`}
      open={words.some(({ word }) => word === 'vanishes')}
    >
      <Table
        caption={`Objects of ${target} that change`}
        columns={[
          { title: 'Object', cell: ({ name }) => name, by: ({ name }) => name, width: 'minmax(0,3fr)' },
          { title: 'Kind', cell: ({ kind }) => kind, by: ({ kind }) => kind },
          {
            title: 'What happens',
            cell: ({ word }) => (
              <span className={word === 'vanishes' ? 'text-bad font-medium' : ''}>{word}</span>
            ),
            by: ({ word }) => order.indexOf(word),
          },
        ]}
        rows={words.toSorted((one, other) => order.indexOf(one.word) - order.indexOf(other.word))}
        keyOf={({ kind, name, word }) => `${kind} ${name} ${word}`}
      />
    </Fold>
  );
}

type PlannedTable = Plan['tables'][number];

const changes = ({ rows }: PlannedTable): number =>
  rows === null ? 0 : rows.insert + rows.update + rows.delete;

const columns: readonly Column<PlannedTable>[] = [
  {
    title: 'Table',
    cell: ({ table }) => <span title={table}>{table}</span>,
    by: ({ table }) => table,
    width: 'minmax(0,3fr)',
  },
  {
    title: 'What happens',
    cell: ({ action }) => (
      <span className={action === 'copy' ? '' : 'text-warn font-medium'}>{actionWords[action]}</span>
    ),
    by: ({ action }) => action,
    width: 'minmax(0,1.2fr)',
  },
  {
    title: 'Rows now',
    cell: ({ targetRows }) => count(targetRows),
    by: ({ targetRows }) => targetRows ?? -1,
    isNumber: true,
  },
  {
    title: 'In the source',
    cell: ({ sourceRows }) => count(sourceRows),
    by: ({ sourceRows }) => sourceRows ?? -1,
    isNumber: true,
  },
  {
    title: 'In',
    cell: ({ rows }) => <Change value={rows?.insert ?? null} sign="+" look="text-good" />,
    by: ({ rows }) => rows?.insert ?? -1,
    isNumber: true,
  },
  {
    title: 'Updated',
    cell: ({ rows }) => <Change value={rows?.update ?? null} sign="~" look="text-warn" />,
    by: ({ rows }) => rows?.update ?? -1,
    isNumber: true,
  },
  {
    title: 'Out',
    cell: ({ rows }) => <Change value={rows?.delete ?? null} sign="−" look="text-bad" />,
    by: ({ rows }) => rows?.delete ?? -1,
    isNumber: true,
  },
  {
    title: 'Size',
    cell: ({ bytes: size }) => bytes(size),
    by: ({ bytes: size }) => size,
    isNumber: true,
    minor: true,
  },
];

function Change({
  value,
  sign,
  look,
}: {
  readonly value: number | null;
  readonly sign: string;
  readonly look: string;
}): ReactNode {
  if (value === null) return '–';
  return value === 0 ? (
    <span className="text-soft">0</span>
  ) : (
    <span className={look}>{`${sign}${count(value)}`}</span>
  );
}

function Tables({ plan }: { readonly plan: Plan }): ReactNode {
  const [words, setWords] = useState('');
  const [only, setOnly] = useState(false);
  const shown = plan.tables.filter(
    (table) =>
      table.table.toLowerCase().includes(words.toLowerCase()) &&
      (!only || table.action !== 'copy' || changes(table) > 0),
  );
  return (
    <section className="space-y-3">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h3 className="font-semibold">What happens to each table</h3>
        <div className="flex flex-wrap items-center gap-4">
          <label className="flex min-h-9 items-center gap-2 text-sm">
            <input
              type="checkbox"
              className="size-5"
              checked={only}
              onChange={(event) => {
                setOnly(event.target.checked);
              }}
            />
            Only what changes
          </label>
          <input
            type="search"
            aria-label="Tables whose name holds"
            placeholder="Filter tables"
            className="field w-56 max-sm:w-full"
            data-filter=""
            value={words}
            onChange={(event) => {
              setWords(event.target.value);
            }}
          />
        </div>
      </div>
      <Table
        caption="What happens to each table"
        columns={columns}
        rows={shown}
        keyOf={({ table }) => table}
        empty="No table fits."
      />
    </section>
  );
}

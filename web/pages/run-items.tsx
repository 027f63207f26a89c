import type { ReactNode } from 'react';
import { useState } from 'react';
import type { Progress } from '../api/types.ts';
import { bytes, count } from '../lib/format.ts';
import type { WatchedItem } from '../live/live-state.ts';
import { Tag } from '../ui/basics.tsx';
import { useNow } from '../ui/now.tsx';
import { Table } from '../ui/table.tsx';
import type { Column } from '../ui/table.tsx';

/** A table of which nothing moves for so long is put on top. */
const stuckMs = 15_000;

/** The tables (or collections) of the running step: what is worked on, and what is done. */
export function ItemTable({
  items,
  progress,
}: {
  readonly items: ReadonlyMap<string, WatchedItem>;
  readonly progress: Progress;
}): ReactNode {
  const now = useNow();
  const [words, setWords] = useState('');
  const all = [...items.values()];
  if (all.length === 0) return null;
  const isStuck = ({ state, movedAt }: WatchedItem): boolean =>
    state === 'active' && now - movedAt >= stuckMs;
  const rows = all.filter(({ name }) => name.toLowerCase().includes(words.toLowerCase()));
  return (
    <section className="space-y-3">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h2 className="font-semibold">
          Tables{' '}
          <span className="text-soft text-sm font-normal">
            {count(progress.itemsDone)} of {count(progress.itemsTotal)} done
          </span>
        </h2>
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
      <Table
        caption="Tables of this step"
        columns={columnsAt(now, isStuck)}
        rows={rows}
        keyOf={({ name }) => name}
        empty="No table fits."
        first={(item) => isStuck(item) || item.state === 'active'}
      />
      {all.length < progress.itemsTotal && (
        <p className="text-soft text-sm">
          {count(progress.itemsTotal - all.length)} more are done already, or have not begun; the receipt
          lists them all.
        </p>
      )}
    </section>
  );
}

const partOf = (done: number, all: number | null, show: (value: number) => string): string =>
  all === null || all <= done ? show(done) : `${show(done)} of ${show(all)}`;

function columnsAt(now: number, isStuck: (item: WatchedItem) => boolean): readonly Column<WatchedItem>[] {
  return [
    {
      title: 'Table',
      cell: ({ name }) => <span title={name}>{name}</span>,
      by: ({ name }) => name,
      width: 'minmax(0,2.5fr)',
    },
    {
      title: 'State',
      cell: (item) =>
        item.state === 'done' ? (
          <Tag tone="good">✓ done</Tag>
        ) : isStuck(item) ? (
          <Tag tone="warn">still for {Math.floor((now - item.movedAt) / 1000)} s</Tag>
        ) : (
          <Tag tone="accent">▶ at work</Tag>
        ),
      by: ({ state }) => state,
    },
    {
      title: 'Rows',
      cell: ({ rows, rowsEstimated }) => partOf(rows, rowsEstimated, count),
      by: ({ rows }) => rows,
      isNumber: true,
      width: 'minmax(0,1.6fr)',
    },
    {
      title: 'Size',
      cell: ({ bytes: size, bytesEstimated }) => partOf(size, bytesEstimated, bytes),
      by: ({ bytes: size }) => size,
      isNumber: true,
      width: 'minmax(0,1.4fr)',
    },
    {
      title: 'Rows/s',
      cell: ({ state, rowsPerSecond }) =>
        state === 'done' || rowsPerSecond === null ? '' : count(Math.round(rowsPerSecond)),
      by: ({ rowsPerSecond }) => rowsPerSecond ?? -1,
      isNumber: true,
      minor: true,
    },
  ];
}

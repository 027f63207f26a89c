import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef, useState } from 'react';
import type { ReactNode } from 'react';

export interface Column<R> {
  readonly title: string;
  readonly cell: (row: R) => ReactNode;
  /** What it is sorted by; not sortable without. */
  readonly by?: (row: R) => number | string;
  readonly isNumber?: boolean;
  /** Of the grid: `minmax(0,2fr)`. */
  readonly width?: string;
  /** Left out on phones, where the row is a card. */
  readonly minor?: boolean;
}

interface Sorting {
  readonly title: string;
  readonly falling: boolean;
}

const rowHeight = { desk: 40, phone: 76 };
const heightMax = 480;

interface TableProps<R> {
  readonly caption: string;
  readonly columns: readonly Column<R>[];
  readonly rows: readonly R[];
  readonly keyOf: (row: R) => string;
  readonly empty?: string;
  /** Rows that stand on top whatever the sorting. */
  readonly first?: (row: R) => boolean;
}

/**
 * A table of any length: only what can be seen is in the document, and rows are drawn in place. Screen readers are told how
 * many rows there are and which one each is. On a phone each row is a card.
 */
export function Table<R>({
  caption,
  columns,
  rows,
  keyOf,
  empty = 'None.',
  first,
}: TableProps<R>): ReactNode {
  const [sorting, setSorting] = useState<Sorting | null>(null);
  const phone = matchMedia('(max-width: 639px)').matches;
  const scroller = useRef<HTMLDivElement>(null);
  const sorted = sortedRows(rows, columns, sorting, first);
  const virtual = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (phone ? rowHeight.phone : rowHeight.desk),
    getItemKey: (index) => {
      const row = sorted[index];
      return row === undefined ? index : keyOf(row);
    },
    overscan: 8,
  });
  if (rows.length === 0) return <p className="text-soft text-sm">{empty}</p>;
  const template = columns.map(({ width }) => width ?? 'minmax(0,1fr)').join(' ');
  const whole = virtual.getTotalSize();
  return (
    <div
      role="table"
      aria-label={caption}
      aria-rowcount={rows.length + 1}
      className="border-line bg-card overflow-hidden rounded-lg border"
    >
      <div role="rowgroup" className="border-line bg-sunk border-b max-sm:sr-only">
        <div role="row" className="grid gap-x-3 px-3" style={{ gridTemplateColumns: template }}>
          {columns.map((column) => (
            <HeadCell key={column.title} column={column} sorting={sorting} sort={setSorting} />
          ))}
        </div>
      </div>
      <div
        ref={scroller}
        role="rowgroup"
        tabIndex={0}
        aria-label={caption}
        className="overflow-auto"
        style={{ height: Math.min(heightMax, whole) }}
      >
        <div role="presentation" className="relative" style={{ height: whole }}>
          {virtual.getVirtualItems().map(({ index, key, start, size }) => {
            const row = sorted[index];
            return row === undefined ? null : (
              <div
                key={key}
                role="row"
                aria-rowindex={index + 2}
                className="border-line absolute inset-x-0 grid items-center gap-x-3 border-b px-3 text-sm last:border-b-0 max-sm:flex max-sm:flex-wrap max-sm:content-center"
                style={{ top: start, height: size, gridTemplateColumns: template }}
              >
                {columns.map((column, place) => (
                  <BodyCell key={column.title} column={column} row={row} lead={place === 0} />
                ))}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function BodyCell<R>({
  column,
  row,
  lead,
}: {
  readonly column: Column<R>;
  readonly row: R;
  readonly lead: boolean;
}): ReactNode {
  const { title, cell, isNumber, minor } = column;
  return (
    <div
      role="cell"
      className={`min-w-0 truncate ${isNumber ? 'sm:text-right tabular-nums' : ''} ${lead ? 'max-sm:w-full max-sm:font-medium' : ''} ${minor ? 'max-sm:hidden' : ''}`}
    >
      {!lead && <span className="text-soft mr-1 text-xs sm:hidden">{title}</span>}
      {cell(row)}
    </div>
  );
}

function HeadCell<R>({
  column,
  sorting,
  sort,
}: {
  readonly column: Column<R>;
  readonly sorting: Sorting | null;
  readonly sort: (next: Sorting | null) => void;
}): ReactNode {
  const { title, by, isNumber } = column;
  const own = sorting?.title === title ? sorting : null;
  const state = own === null ? 'none' : own.falling ? 'descending' : 'ascending';
  const press = (): void => {
    // Down, up, as it came.
    if (own === null) sort({ title, falling: isNumber === true });
    else if (own.falling === (isNumber === true)) sort({ title, falling: !own.falling });
    else sort(null);
  };
  return (
    <div
      role="columnheader"
      aria-sort={by === undefined ? undefined : state}
      className={`text-soft flex min-h-9 min-w-0 items-center text-xs font-medium ${isNumber ? 'justify-end' : ''}`}
    >
      {by === undefined ? (
        title
      ) : (
        <button type="button" className="hover:text-ink min-h-6 max-w-full truncate" onClick={press}>
          {title}
          <span aria-hidden="true"> {own === null ? '↕' : own.falling ? '↓' : '↑'}</span>
        </button>
      )}
    </div>
  );
}

function sortedRows<R>(
  rows: readonly R[],
  columns: readonly Column<R>[],
  sorting: Sorting | null,
  first: ((row: R) => boolean) | undefined,
): readonly R[] {
  const by = columns.find(({ title }) => title === sorting?.title)?.by;
  if (by === undefined && first === undefined) return rows;
  const sign = sorting?.falling === true ? -1 : 1;
  return rows.toSorted((one, other) => {
    const top = Number(first?.(other) ?? false) - Number(first?.(one) ?? false);
    if (top !== 0 || by === undefined) return top;
    const [left, right] = [by(one), by(other)];
    return (
      sign *
      (typeof left === 'number' && typeof right === 'number'
        ? left - right
        : String(left).localeCompare(String(right)))
    );
  });
}

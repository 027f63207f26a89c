import type { ReactNode } from 'react';
import type { Receipt } from '../api/types.ts';
import { bytes, count, counted, duration } from '../lib/format.ts';
import { maskingFacts } from '../lib/masking.ts';
import { contentWords, modeWords } from '../lib/words.ts';
import { someOf } from '../lib/plan-numbers.ts';
import { Facts, Notice, Tag } from '../ui/basics.tsx';
import { Table } from '../ui/table.tsx';
import type { Column } from '../ui/table.tsx';

type TableReceipt = Receipt['tables'][number];
type CollectionReceipt = Receipt['collections'][number];

/** The proof, and what was made: a receipt to keep. */
export function ReceiptView({ receipt }: { readonly receipt: Receipt }): ReactNode {
  const { tables, collections, warnings } = receipt;
  return (
    <>
      {warnings.map((warning) => (
        <Notice key={warning} tone="warn">
          {warning}
        </Notice>
      ))}
      <div className="grid gap-4 md:grid-cols-2">
        <Proof receipt={receipt} />
        <Kept receipt={receipt} />
      </div>
      {tables.length > 0 && (
        <section className="space-y-3">
          <h2 className="font-semibold">
            Tables <span className="text-soft text-sm font-normal">{count(tables.length)}</span>
          </h2>
          <Table caption="Tables" columns={tableColumns} rows={tables} keyOf={({ table }) => table} />
        </section>
      )}
      {collections.length > 0 && (
        <section className="space-y-3">
          <h2 className="font-semibold">Search collections</h2>
          <Table
            caption="Search collections"
            columns={collectionColumns}
            rows={collections}
            keyOf={({ alias }) => alias}
          />
        </section>
      )}
    </>
  );
}

function Proof({ receipt }: { readonly receipt: Receipt }): ReactNode {
  const { tables, rows, objects, sequences, largeObjects, mode, modeReason, seconds, steps } = receipt;
  const of = (content: TableReceipt['content']): readonly TableReceipt[] =>
    tables.filter((one) => one.content === content);
  const [equal, kept, empty] = [of('source').filter((one) => one.equal), of('kept'), of('empty')];
  const slowest = steps.toSorted((one, other) => other.seconds - one.seconds).slice(0, 3);
  return (
    <section className="card space-y-3 p-5">
      <h2 className="font-semibold">Proof</h2>
      <Facts
        facts={[
          equal.length === 0
            ? null
            : ['Equal by digest', `${counted(equal.length, 'table')}, ${counted(rows, 'row')}`],
          kept.length === 0
            ? null
            : ['Kept', `${counted(kept.length, 'table')}: ${someOf(kept.map(({ table }) => table))}`],
          empty.length === 0
            ? null
            : ['Emptied', `${counted(empty.length, 'table')}: ${someOf(empty.map(({ table }) => table))}`],
          objects === 0 ? null : ['Objects', `${count(objects)}, ${counted(sequences, 'sequence')}`],
          largeObjects === null
            ? null
            : [
                'Large objects',
                `${count(largeObjects.objects)} (${bytes(largeObjects.bytes)}), ${contentWords[largeObjects.content]}`,
              ],
          mode === null ? null : ['Mode', modeWords[mode].title],
          modeReason === null ? null : ['Because', modeReason],
          ['Took', duration(seconds * 1000)],
          slowest.length === 0
            ? null
            : [
                'Most of it',
                slowest.map(({ step, seconds: took }) => `${step} ${duration(took * 1000)}`).join(', '),
              ],
        ]}
      />
    </section>
  );
}

function Kept({ receipt }: { readonly receipt: Receipt }): ReactNode {
  const { keptDatabase, undoSchema, backup, dump, leftOut, stayed, masking, schemas } = receipt;
  const file = (one: Receipt['dump']): string =>
    one === null ? 'none' : `${one.dumpId}: ${counted(one.rows, 'row')}, ${bytes(one.bytes)}`;
  return (
    <section className="card space-y-3 p-5">
      <h2 className="font-semibold">What was left behind</h2>
      <Facts
        facts={[
          ['Kept database', keptDatabase ?? 'none'],
          undoSchema === undefined || undoSchema === null ? null : ['Kept rows', undoSchema],
          ['Safety copy', file(backup)],
          dump === null ? null : ['Dump', file(dump)],
          leftOut.length === 0 ? null : ['Left out', someOf(leftOut)],
          stayed.length === 0 ? null : ['Stayed in the target', someOf(stayed)],
          ...maskingFacts(masking ?? null),
          schemas === null ? null : ['Schema', `${schemas.source} became ${schemas.target}`],
        ]}
      />
    </section>
  );
}

const changedWords = ({ changed }: TableReceipt): string =>
  changed === undefined
    ? ''
    : `+${count(changed.inserted)} ~${count(changed.updated)} −${count(changed.deleted)}`;

const tableColumns: readonly Column<TableReceipt>[] = [
  {
    title: 'Table',
    cell: ({ table }) => <span title={table}>{table}</span>,
    by: ({ table }) => table,
    width: 'minmax(0,2fr)',
  },
  { title: 'Rows', cell: ({ rows }) => count(rows), by: ({ rows }) => rows, isNumber: true },
  {
    title: 'Came',
    cell: ({ content }) => contentWords[content],
    by: ({ content }) => content,
    width: 'minmax(0,1.2fr)',
  },
  { title: 'Changed', cell: changedWords, minor: true },
  {
    title: 'Digest',
    cell: ({ digest }) => <code title={digest ?? ''}>{digest ?? '–'}</code>,
    width: 'minmax(0,2fr)',
    minor: true,
  },
  {
    title: 'Equal',
    cell: ({ equal, content }) =>
      equal ? (
        <Tag tone="good">✓ equal</Tag>
      ) : (
        <Tag tone={content === 'empty' ? 'plain' : 'bad'}>
          {content === 'empty' ? 'not compared' : '✕ different'}
        </Tag>
      ),
    by: ({ equal }) => Number(equal),
  },
];

const collectionColumns: readonly Column<CollectionReceipt>[] = [
  { title: 'Alias', cell: ({ alias }) => alias, by: ({ alias }) => alias },
  { title: 'Collection', cell: ({ collection }) => collection ?? '–', width: 'minmax(0,2fr)' },
  {
    title: 'Documents',
    cell: ({ documents }) => count(documents),
    by: ({ documents }) => documents,
    isNumber: true,
  },
  {
    title: 'Took',
    cell: ({ seconds }) => duration(seconds * 1000),
    by: ({ seconds }) => seconds,
    isNumber: true,
  },
  {
    title: 'Verified',
    cell: ({ verified, unchanged }) =>
      verified ? (
        <Tag tone="good">{unchanged === true ? '✓ verified, unchanged' : '✓ verified'}</Tag>
      ) : (
        <Tag>not checked</Tag>
      ),
    by: ({ verified }) => Number(verified),
  },
];

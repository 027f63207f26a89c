import type { ReactNode } from 'react';
import type { VerifyReceipt } from '../api/types.ts';
import { count, counted, duration } from '../lib/format.ts';
import { Fold, Notice, Tag } from '../ui/basics.tsx';
import { Table } from '../ui/table.tsx';
import type { Column } from '../ui/table.tsx';

type Compared = VerifyReceipt['tables'][number];

/** What a comparison found: what differs first, then what it says nothing about, then all. */
export function Comparison({ receipt }: { readonly receipt: VerifyReceipt }): ReactNode {
  const { left, right, tables, differences, notCompared, seconds } = receipt;
  const columns: readonly Column<Compared>[] = [
    {
      title: 'Table',
      cell: ({ table }) => <span title={table}>{table}</span>,
      by: ({ table }) => table,
      width: 'minmax(0,2fr)',
    },
    {
      title: 'Equal',
      cell: ({ equal }) => (equal ? <Tag tone="good">✓ equal</Tag> : <Tag tone="bad">✕ different</Tag>),
      by: ({ equal }) => Number(equal),
    },
    {
      title: `Rows in ${left}`,
      cell: ({ leftRows }) => count(leftRows),
      by: ({ leftRows }) => leftRows ?? -1,
      isNumber: true,
    },
    {
      title: `Rows in ${right}`,
      cell: ({ rightRows }) => count(rightRows),
      by: ({ rightRows }) => rightRows ?? -1,
      isNumber: true,
    },
    {
      title: 'Keys that differ',
      cell: ({ differingKeys }) => <code title={differingKeys.join(', ')}>{differingKeys.join(', ')}</code>,
      width: 'minmax(0,2fr)',
      minor: true,
    },
  ];
  return (
    <>
      {notCompared.length > 0 && (
        <Notice tone="warn">
          <p className="font-medium">Not compared, so nothing is said about it:</p>
          <ul className="list-disc pl-5 text-sm">
            {notCompared.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        </Notice>
      )}
      {differences.length > 0 && (
        <Fold title={counted(differences.length, 'difference')} open>
          <ul className="list-disc space-y-1 pl-5 text-sm">
            {differences.map(({ kind, name, difference }) => (
              <li key={`${kind} ${name} ${difference}`}>
                {kind} <strong>{name}</strong>: {difference}
              </li>
            ))}
          </ul>
        </Fold>
      )}
      <section className="space-y-3">
        <h2 className="font-semibold">
          Tables{' '}
          <span className="text-soft text-sm font-normal">
            {counted(tables.length, 'table')} compared in {duration(seconds * 1000)}
          </span>
        </h2>
        <Table
          caption="Tables"
          columns={columns}
          rows={tables}
          keyOf={({ table }) => table}
          first={({ equal }) => !equal}
          empty="No table was compared."
        />
      </section>
    </>
  );
}

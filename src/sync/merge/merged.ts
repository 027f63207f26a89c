import { tableName } from '../../lib/table-name.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import { onOtherEnd } from '../../plan/schema-names.ts';
import { digestHex } from '../../postgres/digest.ts';
import type { Loaded } from '../contract/import-run.ts';
import type { TableReceipt } from '../contract/receipts.ts';
import type { PairedTable } from './apply-rows.ts';
import type { Compared } from './compare-rows.ts';

/** What a merge has proved, table by table, and what happened to their rows. */
export function mergedOf(
  { tables }: Compared,
  paired: readonly PairedTable[],
  plan: ImportPlan,
  stays: ReadonlyMap<string, number> = new Map(),
): Loaded {
  const counts = new Map(paired.map(({ table, counts: of }) => [table.name, of]));
  const nothing = { inserted: 0, updated: 0, deleted: 0 };
  const merged = tables.map(({ pair, wanted }): TableReceipt => {
    const table = pair.names.join(', ');
    const staying = stays.get(table) ?? 0;
    return {
      table,
      rows: wanted.rows + staying,
      content: 'source',
      digest: digestHex(wanted),
      equal: true,
      changed: counts.get(table) ?? nothing,
      ...(staying === 0 ? {} : { stays: staying }),
    };
  });
  const emptied = plan.empty.map((table): TableReceipt => {
    const name = tableName(onOtherEnd(plan.names, table));
    const changed = counts.get(name) ?? nothing;
    return { table: name, rows: 0, content: 'empty', digest: null, equal: true, changed };
  });
  return {
    tables: [...merged, ...emptied],
    largeObjects: null,
    notes: [],
    keptDatabase: null,
    undoLacks: [],
    defused: null,
  };
}

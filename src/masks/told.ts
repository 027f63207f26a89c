/** What masks and filters did to what was read, as manifests, plans and receipts tell it. No expression, no value. */
export interface MaskingTold {
  /** Two dumps with the same were masked with one salt; null where none was used. */
  readonly keyId: string | null;
  readonly columns: readonly { readonly table: string; readonly column: string; readonly rule: string }[];
  /** Tables of which only some rows are read. */
  readonly filtered: readonly string[];
}

/** `9 columns of 3 tables are masked (public.users: email, name …); of public.orders only some rows are read.` */
export function maskingSentence({ columns, filtered }: MaskingTold): string {
  const byTable = new Map<string, string[]>();
  for (const { table, column } of columns) byTable.set(table, [...(byTable.get(table) ?? []), column]);
  const named = [...byTable].map(([table, of]) => `${table}: ${of.join(', ')}`).join('; ');
  const masked =
    columns.length === 0
      ? []
      : [`${columns.length} column(s) of ${byTable.size} table(s) are masked (${named})`];
  const some = filtered.length === 0 ? [] : [`of ${filtered.join(', ')} only some rows are read`];
  return `${[...masked, ...some].join('; ')}.`;
}

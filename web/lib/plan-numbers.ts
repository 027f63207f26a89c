import type { Plan } from '../api/types.ts';

type Table = Plan['tables'][number];

export interface PlanNumbers {
  readonly replaced: readonly Table[];
  readonly kept: readonly Table[];
  readonly emptied: readonly Table[];
  /** Exact; null where one table was not counted. */
  readonly rows: { readonly insert: number; readonly update: number; readonly delete: number } | null;
  readonly bytes: number;
}

/** The plan in a few numbers. */
export function planNumbers({ tables }: Pick<Plan, 'tables'>): PlanNumbers {
  const of = (action: Table['action']): readonly Table[] => tables.filter((one) => one.action === action);
  const counted = tables.flatMap(({ rows }) => (rows === null ? [] : [rows]));
  const sum = (what: 'insert' | 'update' | 'delete'): number =>
    counted.reduce((total, rows) => total + rows[what], 0);
  return {
    replaced: of('copy'),
    kept: of('keep'),
    emptied: of('empty'),
    rows:
      counted.length < tables.length
        ? null
        : { insert: sum('insert'), update: sum('update'), delete: sum('delete') },
    bytes: of('copy').reduce((total, table) => total + table.bytes, 0),
  };
}

/** A few names, and how many more there are. */
export function someOf(names: readonly string[], most = 6): string {
  const more = names.length - most;
  return more > 0 ? `${names.slice(0, most).join(', ')} and ${more} more` : names.join(', ');
}

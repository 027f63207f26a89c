import type { Plan } from '../api/types.ts';
import { someOf } from './plan-numbers.ts';

type Masking = NonNullable<Plan['masking']>;

/** What masks and filters make of what is read, as facts; none where nothing is masked. */
export function maskingFacts(masking: Masking | null): readonly (readonly [string, string])[] {
  if (masking === null) return [];
  const columns = masking.columns.map(({ table, column, rule }) => `${table}.${column} (${rule})`);
  return [
    ...(columns.length === 0 ? [] : [['Masked', someOf(columns)] as const]),
    ...(masking.filtered.length === 0 ? [] : [['Only some rows of', someOf(masking.filtered)] as const]),
  ];
}

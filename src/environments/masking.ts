import type { Secret } from '../lib/secret.ts';

/** What stands in a column's place in every row that is read. */
export type MaskRule =
  | { readonly kind: 'email' | 'keepDomain' | 'name' | 'phone' | 'hash' | 'null' | 'keep' }
  | { readonly kind: 'fixed'; readonly value: string }
  | { readonly kind: 'sql'; readonly sql: string };

/** Named rules, as the configuration writes them. */
export const maskNames = ['email', 'keepDomain', 'name', 'phone', 'hash', 'null', 'keep'] as const;

/** Rules for columns of the tables that a pattern means (`tablePattern`). */
export interface TableMasks {
  readonly table: string;
  /** Where it stands: `multiboard-sync.config.yaml:12`. */
  readonly said: string;
  readonly columns: ReadonlyMap<string, MaskRule>;
}

/** Which rows of a table are read. */
export interface RowFilter {
  readonly table: string;
  readonly said: string;
  /** A condition on the table's columns, before any mask. */
  readonly sql: string;
  /** Rows that refer to one that is not read: `refuse` the run, or leave them out as well (`follow`). */
  readonly pointing: 'refuse' | 'follow';
}

/** What becomes of an environment's rows when they are read for another one. */
export interface Masking {
  readonly masks: readonly TableMasks[];
  readonly filters: readonly RowFilter[];
  /** Never read without masks into an environment that does not say the same. */
  readonly required: boolean;
  /** Made of NAME_MASK_SALT; null where no rule needs it. */
  readonly key: Secret | null;
}

/** Whether it changes anything that is read. */
export function isMasking(masking: Masking | null | undefined): masking is Masking {
  return masking !== null && masking !== undefined && masking.masks.length + masking.filters.length > 0;
}

/** One thing in which two databases are not the same. */
export interface Difference {
  readonly kind: 'object' | 'table' | 'sequence' | 'extension' | 'collection';
  readonly name: string;
  readonly difference: string;
}

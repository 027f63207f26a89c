export interface ViewRow {
  readonly oid: number;
  readonly relkind: 'v' | 'm';
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  readonly options: readonly string[] | null;
  readonly toastOptions: readonly string[] | null;
  readonly populated: boolean;
  /** Ends with a semicolon. */
  readonly query: string;
  readonly rule: number;
  readonly ruleState: string;
  readonly accessMethod: string | null;
  readonly tablespace: string | null;
}

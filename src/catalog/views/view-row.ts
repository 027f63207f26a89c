export interface ViewRow {
  readonly oid: number;
  readonly relkind: 'v' | 'm';
  /** OID. */
  readonly rowType: number;
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
  /** `d` default, `n` nothing, `f` full, `i` an index. */
  readonly replicaIdentity: string;
  /** Null for heap. */
  readonly accessMethod: string | null;
  /** Null for the database's own. */
  readonly tablespace: string | null;
}

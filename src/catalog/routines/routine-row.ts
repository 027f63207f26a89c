export interface RoutineRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  readonly procedure: boolean;
  readonly window: boolean;
  /** With names, modes and defaults. */
  readonly arguments: string;
  /** As ALTER and DROP want them. */
  readonly identityArguments: string;
  /** The input types, unique within schema and name. */
  readonly argumentTypes: string;
  /** A procedure with OUT arguments. */
  readonly outArguments: boolean | null;
  /** Null for procedures. */
  readonly result: string | null;
  readonly language: string;
  /** Types of TRANSFORM FOR TYPE. */
  readonly transforms: readonly string[];
  readonly volatility: 'i' | 's' | 'v';
  readonly strict: boolean;
  readonly securityDefiner: boolean;
  readonly leakproof: boolean;
  /** As text: a float4, exact. */
  readonly cost: string;
  /** As text; `0` where the result is no set. */
  readonly rows: string;
  readonly supportSchema: string | null;
  readonly supportName: string | null;
  readonly parallel: 's' | 'r' | 'u';
  /** `name=value` each. */
  readonly settings: readonly string[];
  readonly source: string;
  /** File of a C function. */
  readonly library: string | null;
  /** `BEGIN ATOMIC …` or `RETURN …`, where the server has parsed the body. */
  readonly body: string | null;
  /** Needs a stub of itself (order/routine-stubs.ts). */
  readonly recursive: boolean;
  readonly superuser: boolean;
}

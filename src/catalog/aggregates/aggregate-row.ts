import type { NamePair } from '../name-pair.ts';

/** Whether a final function changes the state: read-only, shareable, read-write. */
type FinalModify = 'r' | 's' | 'w';

export interface AggregateRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  /** With names, VARIADIC and ORDER BY; empty for `(*)`. */
  readonly arguments: string;
  readonly argumentTypes: string;
  readonly parallel: 's' | 'r' | 'u';
  /** Plain, ordered-set, hypothetical-set. */
  readonly kind: 'n' | 'o' | 'h';
  readonly stateFunction: NamePair;
  readonly stateType: string;
  /** Bytes; 0 is unknown. */
  readonly stateSpace: number;
  readonly initial: string | null;
  readonly finalFunction: NamePair | null;
  readonly finalExtra: boolean;
  readonly finalModify: FinalModify;
  readonly combineFunction: NamePair | null;
  readonly serialFunction: NamePair | null;
  readonly deserialFunction: NamePair | null;
  readonly movingStateFunction: NamePair | null;
  readonly movingInverseFunction: NamePair | null;
  readonly movingStateType: string | null;
  readonly movingStateSpace: number;
  readonly movingInitial: string | null;
  readonly movingFinalFunction: NamePair | null;
  readonly movingFinalExtra: boolean;
  readonly movingFinalModify: FinalModify;
  readonly sortSchema: string | null;
  readonly sortOperator: string | null;
  readonly superuser: boolean;
}

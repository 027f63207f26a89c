import { qualifiedName, quoteLiteral } from '../../postgres/identifiers.ts';
import type { CallOptions, Queryable } from '../../postgres/session.ts';

export interface SequenceState {
  readonly lastValue: string;
  readonly isCalled: boolean;
}

/** The state whose next number is further in the direction in which the sequence counts. */
export function furtherState<State extends SequenceState>(
  state: State,
  other: SequenceState,
  increment: string,
): State | SequenceState {
  const step = BigInt(increment);
  const next = ({ lastValue, isCalled }: SequenceState): bigint => BigInt(lastValue) + (isCalled ? step : 0n);
  return step > 0n === next(other) > next(state) ? other : state;
}

/** Values of sequences, in a few statements, by position. */
export async function readSequences(
  session: Queryable,
  sequences: readonly { readonly schema: string; readonly name: string }[],
  options: CallOptions,
): Promise<readonly (SequenceState & { readonly increment: string })[]> {
  const states: (SequenceState & { readonly increment: string })[] = [];
  const batch = 500;
  for (let from = 0; from < sequences.length; from += batch) {
    const part = sequences.slice(from, from + batch).map(
      ({ schema, name }, index) =>
        `SELECT ${index} AS position, last_value::text AS last_value, is_called,
  (SELECT s.seqincrement::text FROM pg_catalog.pg_sequence AS s WHERE s.seqrelid = ${quoteLiteral(qualifiedName(schema, name))}::regclass) AS increment
FROM ${qualifiedName(schema, name)}`,
    );
    const rows = await session.query<{ last_value: string; is_called: boolean; increment: string }>(
      `${part.join('\nUNION ALL ')}\nORDER BY position`,
      [],
      options,
    );
    states.push(
      ...rows.map((row) => ({
        lastValue: row.last_value,
        isCalled: row.is_called,
        increment: row.increment,
      })),
    );
  }
  return states;
}

/** Sets a sequence as it was elsewhere. */
export function setSequenceSql(
  sequence: { readonly schema: string; readonly name: string },
  state: SequenceState,
): string {
  const name = quoteLiteral(qualifiedName(sequence.schema, sequence.name));
  return `SELECT pg_catalog.setval(${name}::regclass, ${state.lastValue}, ${String(state.isCalled)})`;
}

import type { ImportPlan } from '../../plan/import-plan.ts';
import { onOtherEnd } from '../../plan/schema-names.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import type { Queryable, Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import { furtherState, readSequences, setSequenceSql } from '../kept/sequence-states.ts';
import type { SequenceState } from '../kept/sequence-states.ts';

/** A sequence whose number changes. */
export interface ChangedSequence {
  readonly schema: string;
  readonly name: string;
  readonly before: SequenceState;
  readonly after: SequenceState;
}

interface Options {
  readonly signal: AbortSignal;
}

/**
 * Sequences of the target that are to have another state: the source's; of those that kept tables use, the further one
 * of both.
 */
export async function sequencesToChange(
  session: Queryable,
  { sequences, keptSequences, names }: Pick<ImportPlan, 'sequences' | 'keptSequences' | 'names'>,
  options: Options,
): Promise<readonly ChangedSequence[]> {
  const wanted = [
    ...sequences.map((sequence) => ({ ...onOtherEnd(names, sequence), further: false })),
    ...keptSequences.flatMap(({ live, atLeast }) =>
      atLeast === null ? [] : [{ ...live, ...atLeast, further: true }],
    ),
  ];
  const states = await readSequences(session, wanted, options);
  return wanted.flatMap(({ schema, name, lastValue, isCalled, further }, index) => {
    const now = states[index];
    if (now === undefined) return [];
    const source = { lastValue, isCalled };
    const { lastValue: value, isCalled: called } = further
      ? furtherState(source, now, now.increment)
      : source;
    if (value === now.lastValue && called === now.isCalled) return [];
    return [
      {
        schema,
        name,
        before: { lastValue: now.lastValue, isCalled: now.isCalled },
        after: { lastValue: value, isCalled: called },
      },
    ];
  });
}

/**
 * Sets them so that a rollback takes it back, which `setval` alone does not: a sequence that is restarted has a new
 * file until the commit. Whoever wants a number of them waits until then.
 */
export async function setSequences(
  session: Session,
  changed: readonly ChangedSequence[],
  { signal }: Options,
): Promise<void> {
  for (const sequence of changed) {
    const name = qualifiedName(sequence.schema, sequence.name);
    try {
      await session.execute(`ALTER SEQUENCE ${name} RESTART`, { signal });
      await session.execute(setSequenceSql(sequence, sequence.after), { signal });
    } catch (error) {
      signal.throwIfAborted();
      throw databaseError(error, 'target', `Setting the sequence ${name}`);
    }
  }
}

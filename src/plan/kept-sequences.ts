import type { CatalogModel, CatalogSequence } from '../catalog/model.ts';
import type { PolicyObject } from './table-policies.ts';

/** A sequence whose state comes from the live target, because a kept table takes its numbers from it. */
export interface KeptSequence {
  /** In the new database's plan. */
  readonly id: string;
  readonly schema: string;
  readonly name: string;
  /** The live target's one; it may have another name there. */
  readonly live: { readonly schema: string; readonly name: string };
  /**
   * The source's state, if tables with the source's rows use it too: then the further state counts.
   */
  readonly atLeast: { readonly lastValue: string; readonly isCalled: boolean } | null;
}

export interface KeptSequencesInput {
  /** Everything the new database will have. */
  readonly objects: readonly PolicyObject[];
  /** The dump's sequences that it will have. */
  readonly sequences: readonly CatalogSequence[];
  /** Sequences that come from the target, with their ids in the new database. */
  readonly fromTarget: readonly CatalogSequence[];
  /** Ids of tables whose rows are the target's, partitioned ones included, and of those whose rows are the source's. */
  readonly keptTables: ReadonlySet<string>;
  readonly loadedTables: ReadonlySet<string>;
  readonly target: CatalogModel;
}

/**
 * Sequences that must continue from the live target's state: owned by a kept table, used by a default of one, or
 * carried over with one. If a kept table has one sequence, and it has another name in the target, it is found by its
 * table.
 */
export function keptSequences(input: KeptSequencesInput): readonly KeptSequence[] {
  const { target } = input;
  const users = sequenceUsers(input.objects, input.sequences);
  const liveNamed = new Map(target.sequences.map((sequence) => [nameOf(sequence), sequence]));
  const taken = new Set(input.sequences.map(nameOf));
  const kept = input.sequences.flatMap((sequence): KeptSequence[] => {
    const tables = [...(users.get(sequence.id) ?? [])];
    const keptUsers = tables.filter((id) => input.keptTables.has(id));
    if (keptUsers.length === 0) return [];
    const live = liveNamed.get(nameOf(sequence)) ?? renamed(input, users, keptUsers, taken);
    if (live === null) return [];
    const { id, schema, name, lastValue, isCalled } = sequence;
    const shared = tables.some((table) => input.loadedTables.has(table));
    return [{ id, schema, name, live, atLeast: shared ? { lastValue, isCalled } : null }];
  });
  const others = input.fromTarget.map(({ id, schema, name }) => ({
    id,
    schema,
    name,
    live: { schema, name },
    atLeast: null,
  }));
  return [...kept, ...others];
}

const nameOf = ({ schema, name }: { readonly schema: string; readonly name: string }): string =>
  JSON.stringify([schema, name]);

/** Sequence → the tables that use it. Uses in bodies of functions are not known. */
export function sequenceUsers(
  objects: readonly PolicyObject[],
  sequences: readonly { readonly id: string; readonly ownedByTable: string | null }[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const users = new Map(
    sequences.map(({ id, ownedByTable }) => [id, new Set(ownedByTable === null ? [] : [ownedByTable])]),
  );
  for (const { id, kind, partOf, dependsOn } of objects) {
    const table = kind === 'table' ? id : kind === 'default' ? partOf : null;
    if (table !== null) for (const need of dependsOn) users.get(need)?.add(table);
  }
  return users;
}

/** The one sequence of the table's live namesake, where neither side has another that the names do not match. */
function renamed(
  input: KeptSequencesInput,
  users: ReadonlyMap<string, ReadonlySet<string>>,
  keptUsers: readonly string[],
  taken: ReadonlySet<string>,
): CatalogModel['sequences'][number] | null {
  const { target } = input;
  const [id, ...others] = keptUsers;
  const table = input.objects.find((object) => object.id === id);
  const liveTable = target.objects.find(
    ({ kind, schema, name }) => kind === 'table' && schema === table?.schema && name === table.name,
  );
  if (table === undefined || liveTable === undefined || others.length > 0) return null;
  const liveNames = new Set(target.sequences.map(nameOf));
  const unmatched = input.sequences.filter(
    (sequence) => users.get(sequence.id)?.has(table.id) === true && !liveNames.has(nameOf(sequence)),
  );
  const liveUsers = sequenceUsers(target.objects, target.sequences);
  const found = target.sequences.filter(
    (sequence) => liveUsers.get(sequence.id)?.has(liveTable.id) === true && !taken.has(nameOf(sequence)),
  );
  return unmatched.length === 1 && found.length === 1 ? (found[0] ?? null) : null;
}

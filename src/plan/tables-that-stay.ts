import { sameDefinition, toleranceBetween } from '../catalog/comparison/definitions.ts';
import { withoutOrderOfColumns } from '../catalog/comparison/order-of-columns.ts';
import type { CatalogModel, CatalogTable } from '../catalog/model.ts';
import type { TablePolicyRule } from '../environments/table-policy.ts';
import { SyncError } from '../errors/sync-error.ts';
import { tableName } from '../lib/table-name.ts';
import { sequenceUsers } from './kept-sequences.ts';
import { modes } from './modes.ts';
import type { Mode } from './modes.ts';
import type { Offer } from './offer.ts';
import type { RunnableObject } from './runnable-object.ts';
import { tablePolicies, withParts } from './table-policies.ts';

export interface StayingTables {
  /** Ids of the target's tables whose rows are kept, of their sequences, and of all that is a part of either. */
  readonly ids: ReadonlySet<string>;
  /** Of the dump: the same tables, sequences and parts, which are not made. */
  readonly matched: ReadonlySet<string>;
  /** The tables themselves. */
  readonly tables: readonly CatalogTable[];
  /** A sentence for all of them, and one for each that differs in what does not matter. */
  readonly notes: readonly string[];
}

const nothing: StayingTables = { ids: new Set(), matched: new Set(), tables: [], notes: [] };

export interface StayingTablesInput {
  readonly target: CatalogModel;
  readonly offer: Pick<Offer, 'sequences' | 'sourceVersionNum'>;
  readonly wanted: readonly RunnableObject[];
  readonly rules: readonly TablePolicyRule[];
  readonly mode: Mode | null;
  /** Kinds that are not compared, as the options leave them out. */
  readonly leftOutKinds: ReadonlySet<string>;
}

/**
 * In a switch, tables whose rows are kept stay where they are, with all that is said of them; what of it hangs on
 * tables that are replaced (foreign keys, policies) is dropped and made again. For that they have to be the same on
 * both ends, but for the order of columns: TARGET_UNSUPPORTED names what differs, and sequences that replaced tables
 * use too. Pure.
 */
export function tablesThatStay(input: StayingTablesInput): StayingTables {
  const { target, offer, wanted, rules, mode, leftOutKinds } = input;
  if (mode === null || !modes[mode].keptTablesStay || target.restriction === null) return nothing;
  const policies = tablePolicies(target.objects, rules);
  const kept = new Map(
    target.objects.flatMap((object) => {
      const policy = policies.get(object.id);
      return policy === 'preserve' || policy === 'exclude' ? [[object.id, { object, policy }] as const] : [];
    }),
  );
  if (kept.size === 0) return nothing;
  const there = sequencesOf(target.objects, target.sequences, new Set(kept.keys()));
  const ids = withParts(target.objects, new Set([...kept.keys(), ...there.own]));
  const twins = new Map(wanted.map((object) => [object.identity, object]));
  const compared = [...kept.values()].filter(
    ({ object, policy }) => policy === 'preserve' && twins.has(object.identity),
  );
  const twinIds = new Set([...kept.values()].flatMap(({ object }) => twins.get(object.identity)?.id ?? []));
  const inDump = sequencesOf(wanted, offer.sequences, twinIds);
  const matched = withParts(wanted, new Set([...twinIds, ...inDump.own]));
  const mine = withParts(target.objects, new Set([...compared.map(({ object }) => object.id), ...there.own]));
  const its = withParts(
    wanted,
    new Set([...compared.flatMap(({ object }) => twins.get(object.identity)?.id ?? []), ...inDump.own]),
  );
  const tolerance = toleranceBetween(offer.sourceVersionNum, target.server.versionNum);
  const isCompared = ({ kind }: { readonly kind: string }): boolean =>
    kind !== 'sequence value' && !leftOutKinds.has(kind) && kind !== 'publication table';
  const left = new Map(
    wanted.filter((one) => its.has(one.id) && isCompared(one)).map((one) => [one.identity, one]),
  );
  const right = new Map(
    target.objects.filter((one) => mine.has(one.id) && isCompared(one)).map((one) => [one.identity, one]),
  );
  const faults = [
    ...[...new Set([...left.keys(), ...right.keys()])].filter((identity) => {
      const [one, other] = [left.get(identity), right.get(identity)];
      if (one === undefined || other === undefined) return true;
      return !sameDefinition(one, other, tolerance) && !isOtherOrder(one, other);
    }),
    ...[...there.shared, ...inDump.shared].map((identity) => `${identity}, which replaced tables use too`),
  ];
  if (faults.length > 0) throw different([...new Set(faults)]);
  const inOrder = [...right.values()].filter((other) => {
    const one = left.get(other.identity);
    return one !== undefined && !sameDefinition(one, other, tolerance);
  });
  const tables = target.tables.filter(({ id }) => ids.has(id));
  return {
    ids,
    matched,
    tables,
    notes: [
      `Tables whose rows are kept stay where they are: ${tables.map(tableName).join(', ')}.`,
      ...inOrder.map(
        ({ identity }) => `${identity} of the target stays with the order of columns that it has.`,
      ),
    ],
  };
}

function isOtherOrder(one: RunnableObject, other: RunnableObject): boolean {
  return one.kind === 'table' && withoutOrderOfColumns(one.sql) === withoutOrderOfColumns(other.sql);
}

/** The target as if these lay outside the schemas of the run: what hangs on the others is made again around them. */
export function asOutside(target: CatalogModel, ids: ReadonlySet<string>): CatalogModel {
  if (ids.size === 0 || target.restriction === null) return target;
  const { restriction } = target;
  const moved = target.objects.filter(({ id }) => ids.has(id));
  const rows = new Map(target.tables.map((table) => [table.id, table]));
  return {
    ...target,
    objects: target.objects.map((object) =>
      ids.has(object.id) && object.outside === undefined ? { ...object, outside: { owner: null } } : object,
    ),
    tables: target.tables.filter(({ id }) => !ids.has(id)),
    sequences: target.sequences.filter(({ id }) => !ids.has(id)),
    restriction: {
      ...restriction,
      outside: [
        ...restriction.outside,
        ...moved.map(({ kind, identity, schema }) => ({ kind, identity, schema })),
      ],
      neighbours: [
        ...restriction.neighbours,
        ...moved
          .filter(({ kind }) => kind === 'table')
          .map(({ id, schema, name }) => ({ id, schema: schema ?? '', name, rows: rows.get(id) ?? null })),
      ],
    },
  };
}

/** The dump's objects without those, as objects that need things outside. */
export function withoutStayingTables(
  objects: readonly RunnableObject[],
  matched: ReadonlySet<string>,
): readonly RunnableObject[] {
  const byId = new Map(objects.map((object) => [object.id, object]));
  return objects
    .filter(({ id }) => !matched.has(id))
    .map((object): RunnableObject => {
      const { reference } = object;
      if (reference === undefined || !matched.has(reference.referenced)) return object;
      const { schema = null, name = '' } = byId.get(reference.referenced) ?? {};
      return { ...object, reference: { ...reference, outside: { schema: schema ?? '', name } } };
    });
}

/** The sequences that only these tables use, and those that others use as well. */
function sequencesOf(
  objects: readonly RunnableObject[],
  sequences: CatalogModel['sequences'] | Offer['sequences'],
  tables: ReadonlySet<string>,
): { readonly own: readonly string[]; readonly shared: readonly string[] } {
  const byId = new Map(objects.map((object) => [object.id, object]));
  const used = [...sequenceUsers(objects, sequences)].filter(([, by]) =>
    [...by].some((id) => tables.has(id)),
  );
  const isOwn = (by: ReadonlySet<string>): boolean => [...by].every((id) => tables.has(id));
  return {
    own: used.filter(([, by]) => isOwn(by)).map(([id]) => id),
    shared: used.filter(([, by]) => !isOwn(by)).map(([id]) => byId.get(id)?.identity ?? id),
  };
}

function different(objects: readonly string[]): SyncError {
  return new SyncError(
    'TARGET_UNSUPPORTED',
    `Mode switch leaves tables whose rows are kept where they are, so they have to be the same on both ends. ` +
      `These differ: ${objects.join('; ')}.`,
    {
      details: { objects },
      hint:
        'Bring both ends to the same migration, or choose --mode in-place, which makes such tables again and carries ' +
        'their rows.',
    },
  );
}

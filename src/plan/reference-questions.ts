import type { CatalogModel, Reference } from '../catalog/model.ts';
import { tableName } from '../lib/table-name.ts';
import type { ImportPlan } from './import-plan.ts';
import { Neighbours } from './neighbours.ts';
import { foreignKeyName } from './orphans.ts';
import type { Named } from './neighbours.ts';
import { has, leafFinder, placesOf } from './row-places.ts';
import type { End, EndTable, PlacedTable } from './row-places.ts';
import { otherName } from './schema-names.ts';
import type { PolicyObject } from './table-policies.ts';

/** The fields of a catalogue's or a dump's objects that are used here. */
interface ReferringObject extends PolicyObject {
  readonly reference?: Reference | undefined;
}

/**
 * The question whether all rows of some tables find what they refer to, though both may be in different databases
 * still.
 */
export interface ReferenceQuestion {
  readonly foreignKey: string;
  /** The same in the names of the new database (`foreignKeyName`). */
  readonly foreignKeyThere: string;
  /** For people, in the names of the new database. */
  readonly table: string;
  readonly referenced: string;
  readonly columns: Reference['columns'];
  readonly full: boolean;
  /** See `Reference`. */
  readonly period: boolean;
  readonly from: readonly EndTable[];
  /** Empty if there will be no rows to refer to. */
  readonly to: readonly EndTable[];
  /** The end in whose names types and operators are written. */
  readonly written: End;
  /** Whether the referenced key is a primary key, whose values may be shown. */
  readonly tellsKeys: boolean;
}

export interface ReferenceQuestions {
  readonly questions: readonly ReferenceQuestion[];
  /** A sentence for each foreign key whose rows come from two ends as well, and of which it cannot be asked. */
  readonly unasked: readonly string[];
}

/**
 * Foreign keys of the new database whose rows come from two ends: kept rows that refer to the source's, the source's
 * that refer to kept ones, and either to a table that a policy empties. Also those between kept tables which the target
 * does not have today. The rows of partitions may come from different ends. Pure.
 *
 * Not asked, so faults show when the key is made: keys to extension tables of which only some rows are copied, keys
 * with a column that the rows do not have yet, and keys with PERIOD whose times rows of both ends may cover together.
 */
export function referenceQuestions(
  {
    objects: planned,
    fromTarget,
    load,
    keep,
    empty,
    names,
  }: Pick<ImportPlan, 'fromTarget' | 'load' | 'keep' | 'empty' | 'names'> & {
    readonly objects: readonly ReferringObject[];
  },
  target: Pick<CatalogModel, 'objects' | 'restriction'>,
): ReferenceQuestions {
  const neighbours = new Neighbours(target.restriction?.neighbours ?? [], names);
  const objects = planned.map((object) => neighbours.lead(object));
  const byId = new Map<string, Named>([
    ...objects.map((object) => [object.id, object] as const),
    ...neighbours.named('planned'),
  ]);
  const places = new Map([...placesOf({ load, keep, empty }), ...neighbours.places]);
  const live = new Map<string, Named>([
    ...target.objects.map((object) => [object.id, object] as const),
    ...neighbours.named('live'),
  ]);
  const there = new Set(
    target.objects.flatMap(({ reference }) =>
      reference === undefined ? [] : keyText(reference, live, (schema) => schema),
    ),
  );
  const context = { fromTarget, names, neighbours, byId, there, leavesOf: leafFinder(objects, places) };
  const found = objects.map((object) => questionOf(object, context));
  return {
    questions: found.flatMap((one) => (one === null || 'unasked' in one ? [] : one)),
    unasked: found.flatMap((one) => (one !== null && 'unasked' in one ? one.unasked : [])),
  };
}

interface Context extends Pick<ImportPlan, 'fromTarget' | 'names'> {
  readonly neighbours: Neighbours;
  /** Tables, by the ids that the plan gives them. */
  readonly byId: ReadonlyMap<string, Named>;
  /** The keys that the target has today (`keyText`). */
  readonly there: ReadonlySet<string>;
  readonly leavesOf: ReturnType<typeof leafFinder>;
}

/** Null where there is nothing to ask: no key, or one whose rows find each other already. */
function questionOf(
  object: ReferringObject,
  { fromTarget, names, neighbours, byId, there, leavesOf }: Context,
): ReferenceQuestion | { readonly unasked: string } | null {
  const { reference } = object;
  if (reference === undefined) return null;
  const [referring, referred] = [leavesOf(reference.table), leavesOf(reference.referenced)];
  if (referring === null || referred === null) {
    if (neighbours.has(reference.table) || neighbours.has(reference.referenced))
      return notAsked(object, 'the table outside has its rows in partitions, or from an extension');
    const kept = [...(referring ?? []), ...(referred ?? [])].some(({ rows }) => rows?.end === 'target');
    return kept ? notAsked(object, 'an extension makes rows of its own') : null;
  }
  const own = reference.columns.map(({ name }) => name);
  const other = reference.columns.map(({ referenced }) => referenced);
  const to = referred.flatMap(({ rows }) => rows ?? []);
  // A new column of kept rows gets its default, which is NULL almost always.
  const all = referring.flatMap(({ rows }) => rows ?? []).filter(has(own));
  const isFromTarget = fromTarget.has(object.id);
  const schemaThere = (schema: string, id: string): string =>
    fromTarget.has(id) || neighbours.has(id) ? schema : otherName(names, schema);
  const holds = (end: End): boolean =>
    end === 'source'
      ? !isFromTarget
      : isFromTarget || there.has(keyText(reference, byId, schemaThere)[0] ?? '');
  const from = all.filter(({ end }) => !holds(end) || to.some((one) => one.end !== end) || to.length === 0);
  if (from.length === 0) return null;
  const why = whyNot(reference, [...all, ...to], to, other);
  if (why !== null) return notAsked(object, why);
  const named = (id: string): { readonly schema: string; readonly name: string } => {
    const table = byId.get(id);
    return { schema: schemaThere(table?.schema ?? '', id), name: table?.name ?? '' };
  };
  return {
    foreignKey: object.identity,
    foreignKeyThere: foreignKeyName(object.name, named(reference.table)),
    table: tableName(named(reference.table)),
    referenced: tableName(named(reference.referenced)),
    columns: reference.columns,
    full: reference.full,
    period: reference.period === true,
    from: from.map(asEndTable),
    to: to.map(asEndTable),
    written: isFromTarget ? 'target' : 'source',
    tellsKeys: referred.every(
      ({ keyColumns }) => [...keyColumns].sort().join('\0') === [...other].sort().join('\0'),
    ),
  };
}

/** Why it cannot be asked whether the rows find each other; null where it can. */
function whyNot(
  { period }: Reference,
  all: readonly PlacedTable[],
  to: readonly PlacedTable[],
  columns: readonly string[],
): string | null {
  if (all.some(({ condition }) => condition)) return 'only some rows of a table of an extension count';
  if (!to.every(has(columns))) return 'the rows referred to lack a column of it';
  if (period === true && new Set(to.map(({ end }) => end)).size > 1)
    return 'a PERIOD may be covered by rows of both databases together';
  return null;
}

function notAsked({ identity }: ReferringObject, why: string): { readonly unasked: string } {
  const unasked =
    `Whether rows find the rows they refer to is not asked beforehand (${why}), ` +
    `and shows when the key is made: ${identity}.`;
  return { unasked };
}

function asEndTable({ end, schema, name }: EndTable): EndTable {
  return { end, schema, name };
}

/** Equal for foreign keys that ask about the same rows, whatever their names. */
function keyText(
  { table, referenced, columns, full }: Reference,
  byId: ReadonlyMap<string, Named>,
  schemaThere: (schema: string, id: string) => string,
): readonly string[] {
  const named = [table, referenced].map((id) => {
    const object = byId.get(id);
    return object === undefined ? null : [schemaThere(object.schema ?? '', id), object.name];
  });
  if (named.includes(null)) return [];
  const pairs = columns.map(({ name, referenced: other }) => JSON.stringify([name, other])).sort();
  return [JSON.stringify([named, pairs, full])];
}

import type { CatalogModel, Reference } from '../catalog/model.ts';
import { tableName } from '../lib/table-name.ts';
import type { ImportPlan } from './import-plan.ts';
import { otherName } from './schema-names.ts';
import { partitionParents } from './table-policies.ts';
import type { PolicyObject } from './table-policies.ts';

type End = 'source' | 'target';

/** A table that holds rows itself, by its name at the end where those rows are now. */
export interface EndTable {
  readonly end: End;
  readonly schema: string;
  readonly name: string;
}

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
    objects,
    carried,
    load,
    keep,
    empty,
    names,
  }: Pick<ImportPlan, 'carried' | 'load' | 'keep' | 'empty' | 'names'> & {
    readonly objects: readonly ReferringObject[];
  },
  target: Pick<CatalogModel, 'objects'>,
): ReferenceQuestions {
  const unasked: string[] = [];
  const byId = new Map(objects.map((object) => [object.id, object]));
  const places = placesOf({ load, keep, empty });
  const leavesOf = leafFinder(objects, places);
  const live = new Map(target.objects.map((object) => [object.id, object]));
  const there = new Set(
    target.objects.flatMap(({ reference }) =>
      reference === undefined ? [] : keyText(reference, live, (schema) => schema),
    ),
  );
  const questions = objects.flatMap((object): readonly ReferenceQuestion[] => {
    const { reference } = object;
    if (reference === undefined) return [];
    const [referring, referred] = [leavesOf(reference.table), leavesOf(reference.referenced)];
    if (referring === null || referred === null) {
      const kept = [...(referring ?? []), ...(referred ?? [])].some(({ rows }) => rows?.end === 'target');
      if (kept) unasked.push(notAsked(object, 'an extension makes rows of its own'));
      return [];
    }
    const own = reference.columns.map(({ name }) => name);
    const other = reference.columns.map(({ referenced }) => referenced);
    const to = referred.flatMap(({ rows }) => rows ?? []);
    // A new column of kept rows gets its default, which is NULL almost always.
    const all = referring.flatMap(({ rows }) => rows ?? []).filter(has(own));
    const isCarried = carried.has(object.id);
    const schemaThere = (schema: string, id: string): string =>
      carried.has(id) ? schema : otherName(names, schema);
    const holds = (end: End): boolean =>
      end === 'source' ? !isCarried : isCarried || there.has(keyText(reference, byId, schemaThere)[0] ?? '');
    const from = all.filter(({ end }) => !holds(end) || to.some((one) => one.end !== end) || to.length === 0);
    if (from.length === 0) return [];
    const why = whyNot(reference, [...all, ...to], to, other);
    if (why !== null) {
      unasked.push(notAsked(object, why));
      return [];
    }
    const nameOf = (id: string): string => {
      const table = byId.get(id);
      return tableName({ schema: schemaThere(table?.schema ?? '', id), name: table?.name ?? '' });
    };
    return [
      {
        foreignKey: object.identity,
        table: nameOf(reference.table),
        referenced: nameOf(reference.referenced),
        columns: reference.columns,
        full: reference.full,
        period: reference.period === true,
        from: from.map(asEndTable),
        to: to.map(asEndTable),
        written: isCarried ? 'target' : 'source',
        tellsKeys: referred.every(
          ({ keyColumns }) => [...keyColumns].sort().join('\0') === [...other].sort().join('\0'),
        ),
      },
    ];
  });
  return { questions, unasked };
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

function notAsked({ identity }: ReferringObject, why: string): string {
  return (
    `Whether rows find the rows they refer to is not asked beforehand (${why}), ` +
    `and shows when the key is made: ${identity}.`
  );
}

function asEndTable({ end, schema, name }: EndTable): EndTable {
  return { end, schema, name };
}

/** A table with rows of its own, and where they are; null where it will have none. */
interface Place {
  readonly keyColumns: readonly string[];
  readonly rows: PlacedTable | null;
}

interface PlacedTable extends EndTable {
  readonly columns: readonly { readonly name: string }[];
  /** Whether only some of its rows count. */
  readonly condition: boolean;
}

function placesOf({
  load,
  keep,
  empty,
}: Pick<ImportPlan, 'load' | 'keep' | 'empty'>): ReadonlyMap<string, Place> {
  const place = (
    end: End,
    table: ImportPlan['load'][number] | NonNullable<ImportPlan['keep'][number]['live']>,
  ) => ({
    end,
    schema: table.schema,
    name: table.name,
    columns: table.columns,
    condition: (table.condition ?? '') !== '',
  });
  return new Map<string, Place>([
    ...load.map((table) => [table.id, { ...table, rows: place('source', table) }] as const),
    ...empty.map((table) => [table.id, { ...table, rows: null }] as const),
    ...keep.map(
      ({ table, live }) =>
        [table.id, { ...table, rows: live === null ? null : place('target', live) }] as const,
    ),
  ]);
}

/** The tables that hold the rows of a table: itself, or its partitions. Null where that is not known. */
function leafFinder(
  objects: readonly PolicyObject[],
  places: ReadonlyMap<string, Place>,
): (id: string) => readonly Place[] | null {
  const below = new Map<string, string[]>();
  for (const [partition, parent] of partitionParents(objects))
    below.set(parent, [...(below.get(parent) ?? []), partition]);
  const tables = new Map(objects.map((object) => [object.id, object]));
  const find = (id: string): readonly Place[] | null => {
    const own = places.get(id);
    if (own !== undefined) return [own];
    // What an extension makes has rows of its own.
    if (tables.get(id)?.partOf !== null) return null;
    const found = (below.get(id) ?? []).map(find);
    return found.includes(null) ? null : found.flatMap((one) => one ?? []);
  };
  return find;
}

function has(columns: readonly string[]): (table: PlacedTable) => boolean {
  return (table) => columns.every((name) => table.columns.some((column) => column.name === name));
}

/** Equal for foreign keys that ask about the same rows, whatever their names. */
function keyText(
  { table, referenced, columns, full }: Reference,
  byId: ReadonlyMap<string, { readonly schema: string | null; readonly name: string }>,
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

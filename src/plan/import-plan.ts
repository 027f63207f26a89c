import { isOfLargeObjects } from '../catalog/large-objects/large-objects.ts';
import type { CatalogModel, CatalogTable } from '../catalog/model.ts';
import { publicSchema } from '../catalog/schemas/public-schema.ts';
import type { ManifestSequence, ManifestTable } from '../dump/manifest.ts';
import type { TablePolicyRule } from '../environments/table-policy.ts';
import { takeFromTarget } from './from-target.ts';
import type { FromTarget } from './from-target.ts';
import { expectedMembers } from './expected-members.ts';
import type { ExpectedMembers } from './expected-members.ts';
import { nothingHangs } from './hanging.ts';
import type { Hanging } from './hanging.ts';
import { keptSequences } from './kept-sequences.ts';
import type { KeptSequence } from './kept-sequences.ts';
import type { ComesAlong, Offer } from './offer.ts';
import { inOrderOfRows } from './order-of-rows.ts';
import { orderBothEnds } from './order-both-ends.ts';
import { outgoingKeys } from './outgoing-keys.ts';
import { isLoaded, partOfDump } from './part-of-dump.ts';
import type { PartOfDump } from './part-of-dump.ts';
import { referenceQuestions } from './reference-questions.ts';
import type { ReferenceQuestion } from './reference-questions.ts';
import { refuseRowsWithoutPlace } from './rows-without-place.ts';
import { onOtherEnd, otherName, rulesOf, typeThere } from './schema-names.ts';
import type { SchemaNames } from './schema-names.ts';
import { withoutRows } from './table-in-dump.ts';
import { tablePolicies, withParts } from './table-policies.ts';
import type { RunnableObject } from './runnable-object.ts';
import type { StayingTables } from './tables-that-stay.ts';

/** A table whose rows come from the live target. */
export interface KeptTable {
  /** As the finished database has it. */
  readonly table: ManifestTable;
  /** As the live target has it; null if the live target lacks it, so that there is nothing to keep. */
  readonly live: CatalogTable | null;
}

export interface ImportPlan {
  /**
   * The schema that gets another name than the dump's; `load`, `empty` and `sequences` are in the dump's names.
   */
  readonly names: SchemaNames | null;
  /** Everything to create, in order, without what the options leave out. */
  readonly objects: readonly RunnableObject[];
  /** Whether the target has a schema public that stays beside the schema that gives up that name. */
  readonly keepPublic: boolean;
  /** Ids of objects that come from the target, written in its names; the others are written in the dump's. */
  readonly fromTarget: ReadonlySet<string>;
  /** Ids of post-data objects that wait for the kept rows. */
  readonly late: ReadonlySet<string>;
  readonly load: readonly ManifestTable[];
  readonly empty: readonly ManifestTable[];
  readonly keep: readonly KeptTable[];
  readonly sequences: readonly ManifestSequence[];
  readonly keptSequences: readonly KeptSequence[];
  /** `copy`: the source's. `keep`: the target's. `none`: there will be none. */
  readonly largeObjects: 'copy' | 'keep' | 'none';
  /** What the extensions that are made have to hold; null if the dump does not say. */
  readonly members: ExpectedMembers | null;
  /** Kinds of the dump that the options leave out; they are not compared. */
  readonly leftOutKinds: ReadonlySet<string>;
  /** Ids of objects of a target replaced in place that are neither dropped nor made again. */
  readonly staying: ReadonlySet<string>;
  /** Ids of functions of the target that keep their place: their new definition replaces the old one. */
  readonly replaced: ReadonlySet<string>;
  /** The target's tables that stay where they are, with the rows that a policy keeps. */
  readonly stay: readonly CatalogTable[];
  /** Ids of the target's objects: these tables, their sequences, and all parts of both. */
  readonly standing: ReadonlySet<string>;
  /** Ids of the dump: the same tables with their parts, which are not made. */
  readonly unmoved: ReadonlySet<string>;
  /** The schemas that the run is about, as each end calls them; null for the whole database. */
  readonly schemas: Readonly<Record<'source' | 'target', readonly string[]>> | null;
  /** Ids of the target's tables in other schemas that are locked as well (`Restriction.beside`). */
  readonly beside: ReadonlySet<string>;
  /** Ids of objects whose statement the server merges with others, so they cannot be compared one by one. */
  readonly uncompared: ReadonlySet<string>;
  /** Questions about foreign keys between rows that come from different ends. */
  readonly references: readonly ReferenceQuestion[];
  readonly warnings: readonly string[];
}

interface HangingAndStanding extends Hanging {
  /** Of a mode that leaves tables whose rows are kept where they are. */
  readonly standing?: StayingTables | undefined;
}

export interface ImportPlanInput {
  readonly offer: Pick<Offer, 'objects' | 'tables' | 'sequences' | 'outgoing' | 'extensionMembers'>;
  readonly target: CatalogModel;
  readonly rules: readonly TablePolicyRule[];
  readonly along: ComesAlong;
  readonly names?: SchemaNames | null | undefined;
  /** Kinds and identities of what may differ, because the options leave it out. */
  readonly allowed?: readonly string[] | undefined;
  /** Whether the live target has a schema public; asked only where names differ. */
  readonly targetHasPublic?: boolean | undefined;
  readonly staying?: ReadonlySet<string> | undefined;
  readonly uncompared?: ReadonlySet<string> | undefined;
  /** Of a target of which only some schemas take part. */
  readonly hanging?: HangingAndStanding | undefined;
}

/**
 * Decides what a replaced target will hold: the dump's objects, the rows of its tables by policy, and, from the live
 * target, excluded tables whole and the rows of preserved ones. Pure. Throws TARGET_KEPT_TABLE when something that
 * must be kept cannot be.
 */
export function planImport(input: ImportPlanInput): ImportPlan {
  const { target } = input;
  const names = input.names ?? null;
  const staying = input.staying ?? new Set();
  const dump = partOfDump(input);
  const again = input.hanging?.again ?? new Set();
  const taken = takeFromTarget(dump.objects, target, input.rules, { names, staying, again });
  const outgoing = outgoingKeys(dump.outgoing, { fromDump: dump.objects, taken, target, names, staying });
  const keep = tablesToKeep(dump, taken, input);
  refuseHomeless(keep, dump, input);
  const leftOutKinds = kindsLeftOut(input.along);
  const { replaced } = input.hanging ?? nothingHangs;
  // The options leave out objects of the source; the target's own tables keep theirs.
  const all = [
    ...dump.objects
      .filter(({ kind }) => !leftOutKinds.has(kind))
      .map((object) => (comesInPlace(object, replaced) ? { ...object, replaces: true as const } : object)),
    ...taken.objects,
    ...outgoing.objects,
  ];
  const held = sequencesOfKept(all, dump, taken, input);
  // The live target's state of a kept table's sequence counts, not the dump's.
  const heldIds = new Set(held.map(({ id }) => id));
  const objects = all.filter(({ kind, partOf }) => kind !== 'sequence value' || !heldIds.has(partOf ?? ''));
  const keptIds = new Set(keep.map(({ table }) => table.id));
  const plan: Omit<ImportPlan, 'references'> = {
    names,
    objects: orderBothEnds(inSections(objects), new Set(taken.objects.map(({ id }) => id)), names),
    fromTarget: new Set(taken.objects.map(({ id }) => id)),
    keepPublic: names?.source === publicSchema && input.targetHasPublic === true,
    late: lateObjects(objects, keptIds),
    load: dump.tables.filter((table) => isLoaded(table, dump)),
    empty: dump.tables
      .filter((table) => !keptIds.has(table.id) && !isLoaded(table, dump))
      .map((table) => ({ ...table, content: 'definition' as const, rows: 0, digest: null })),
    keep: inOrderOfRows(objects, keep, ({ table }) => table),
    sequences: dump.sequences.filter(({ id }) => !heldIds.has(id)),
    keptSequences: held,
    largeObjects: dump.largeObjects,
    members: expectedMembers(dump.objects, input.offer.extensionMembers, input.allowed ?? []),
    leftOutKinds,
    staying: new Set([
      ...staying,
      ...(dump.largeObjects === 'keep' ? target.objects.filter(isOfLargeObjects).map(({ id }) => id) : []),
    ]),
    replaced: new Set([...replaced.values()].map(({ id }) => id)),
    stay: input.hanging?.standing?.tables ?? [],
    standing: input.hanging?.standing?.ids ?? new Set(),
    unmoved: input.hanging?.standing?.matched ?? new Set(),
    schemas: schemasOf(target, names),
    beside: new Set(target.restriction?.beside ?? []),
    uncompared: input.uncompared ?? new Set(),
    warnings: [...dump.leftOut, ...outgoing.leftOut, ...dump.overwritten.flatMap(overwrittenSentence)],
  };
  const { questions, unasked } = referenceQuestions(plan, target);
  return { ...plan, references: questions, warnings: [...plan.warnings, ...unasked] };
}

/** A function that keeps its place, or the stub of one for those that call it before it is made. */
function comesInPlace({ id, kind, partOf }: RunnableObject, replaced: Hanging['replaced']): boolean {
  return replaced.has(id) || (kind === 'function' && replaced.has(partOf ?? ''));
}

function schemasOf({ restriction }: CatalogModel, names: SchemaNames | null): ImportPlan['schemas'] {
  if (restriction === null) return null;
  const { schemas } = restriction;
  return { source: schemas.map((one) => otherName(names, one)), target: schemas };
}

/** Kinds of the source that take no part in a run at all. */
export function kindsLeftOut({ owners, privileges, databaseSettings }: ComesAlong): ReadonlySet<string> {
  return new Set([
    ...(owners ? [] : ['owner']),
    ...(privileges ? [] : ['privileges']),
    ...(databaseSettings ? [] : ['database setting']),
  ]);
}

/**
 * Tables of the dump with the policy `preserve`, and those that come from the target, each with the live table that
 * has its rows.
 */
function tablesToKeep(
  dump: PartOfDump,
  taken: FromTarget,
  { target, names = null }: ImportPlanInput,
): readonly KeptTable[] {
  const preserved = dump.tables
    .filter(({ id }) => dump.policies.get(id) === 'preserve')
    .map((table) => ({
      ...onOtherEnd(names, table),
      columns: table.columns.map((column) => ({ ...column, type: typeThere(column.type, names) })),
      searchPath: table.searchPath?.map((schema) => otherName(names, schema)),
    }));
  const liveOf = (table: ManifestTable): CatalogTable | null =>
    target.tables.find(({ schema, name }) => schema === table.schema && name === table.name) ?? null;
  return [
    ...preserved.map((table) => ({ table, live: liveOf(table) })),
    ...taken.tables.map((live) => ({ table: withoutRows(live, taken.idOf(live.id)), live })),
  ];
}

/** Rows that must be kept and would have no table. */
function refuseHomeless(keep: readonly KeptTable[], dump: PartOfDump, input: ImportPlanInput): void {
  const { target, rules, names = null, staying, offer } = input;
  const policies = tablePolicies(target.objects, rulesOf(rules, names, 'target'));
  refuseRowsWithoutPlace({
    target,
    kept: target.tables.filter(
      ({ id }) => ['preserve', 'exclude'].includes(policies.get(id) ?? '') && staying?.has(id) !== true,
    ),
    keep,
    fromDump: dump.objects,
    plain: new Set(offer.tables.map(({ id }) => id)),
    names,
  });
}

/** The sequences of kept tables, whose numbers are the live target's. */
function sequencesOfKept(
  all: readonly RunnableObject[],
  dump: PartOfDump,
  taken: FromTarget,
  { target, names = null }: ImportPlanInput,
): readonly KeptSequence[] {
  const ids = new Set(taken.objects.map(({ id }) => id));
  return keptSequences({
    objects: all.map((object) => (ids.has(object.id) ? object : inTargetNames(object, names))),
    sequences: dump.sequences.map((sequence) => onOtherEnd(names, sequence)),
    fromTarget: taken.objects.flatMap(({ id, kind }) =>
      kind === 'sequence'
        ? target.sequences.filter((live) => taken.idOf(live.id) === id).map((live) => ({ ...live, id }))
        : [],
    ),
    keptTables: new Set([
      ...[...dump.policies].flatMap(([id, policy]) => (policy === 'preserve' ? [id] : [])),
      ...taken.objects.flatMap(({ id, kind }) => (kind === 'table' ? [id] : [])),
    ]),
    loadedTables: new Set(dump.tables.filter((table) => isLoaded(table, dump)).map(({ id }) => id)),
    target,
  });
}

function inTargetNames(object: RunnableObject, names: SchemaNames | null): RunnableObject {
  return object.schema === null ? object : { ...object, schema: otherName(names, object.schema) };
}

function overwrittenSentence({ kind, identity }: RunnableObject): readonly string[] {
  return kind === 'comment' ? [] : [`${identity} of the source is left out: another schema takes its name.`];
}

function inSections(objects: readonly RunnableObject[]): readonly RunnableObject[] {
  const of = (section: 'pre-data' | 'post-data'): readonly RunnableObject[] =>
    objects.filter((object) => object.section === section);
  return [...of('pre-data'), ...of('post-data')];
}

/**
 * Post-data objects that touch a kept table, or need one that does; every refresh, because it may read kept rows; and
 * event triggers and default privileges, because they act on what is made after them.
 */
function lateObjects(objects: readonly RunnableObject[], keptIds: ReadonlySet<string>): ReadonlySet<string> {
  if (keptIds.size === 0) return new Set();
  const parts = withParts(objects, keptIds);
  const late = new Set<string>();
  const post = objects.filter(({ section }) => section === 'post-data');
  for (let grew = true; grew;) {
    grew = false;
    for (const object of post) {
      if (late.has(object.id)) continue;
      const touches =
        parts.has(object.id) ||
        object.kind === 'refresh' ||
        object.kind === 'event trigger' ||
        object.facts.forRole !== undefined ||
        object.locks.some(({ table }) => keptIds.has(table));
      if (!touches && !object.dependsOn.some((id) => late.has(id))) continue;
      late.add(object.id);
      grew = true;
    }
  }
  return late;
}

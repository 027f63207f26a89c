import { isOfLargeObjects, largeObjectsId } from '../catalog/large-objects/large-objects.ts';
import type { CatalogModel, CatalogTable } from '../catalog/model.ts';
import { isOfPublicSchema, publicSchema } from '../catalog/schemas/public-schema.ts';
import type { ManifestSequence, ManifestTable } from '../dump/manifest.ts';
import { largeObjectPolicy } from '../environments/table-policy.ts';
import type { TablePolicyRule } from '../environments/table-policy.ts';
import { SyncError } from '../errors/sync-error.ts';
import { carryFromTarget } from './carry.ts';
import { keptSequences } from './kept-sequences.ts';
import type { KeptSequence } from './kept-sequences.ts';
import { excludedTables, outgoingKeys } from './outgoing-keys.ts';
import type { OutgoingKeys } from './outgoing-keys.ts';
import { referenceQuestions } from './reference-questions.ts';
import type { ReferenceQuestion } from './reference-questions.ts';
import { refuseRowsWithoutPlace } from './rows-without-place.ts';
import { onOtherEnd, otherName, rulesOf, typeThere } from './schema-names.ts';
import type { SchemaNames } from './schema-names.ts';
import { withoutRows } from './table-in-dump.ts';
import { exclude, tablePolicies, withParts } from './table-policies.ts';
import type { RunnableObject } from './runnable-object.ts';

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
  readonly carried: ReadonlySet<string>;
  /** Ids of post-data objects that wait for the kept rows. */
  readonly late: ReadonlySet<string>;
  readonly load: readonly ManifestTable[];
  readonly empty: readonly ManifestTable[];
  readonly keep: readonly KeptTable[];
  readonly sequences: readonly ManifestSequence[];
  readonly keptSequences: readonly KeptSequence[];
  /** `copy`: the source's. `keep`: the target's. `none`: there will be none. */
  readonly largeObjects: 'copy' | 'keep' | 'none';
  /** Kinds of the dump that the options leave out; they are not compared. */
  readonly leftOutKinds: ReadonlySet<string>;
  /** Ids of objects of a target replaced in place that are neither dropped nor made again. */
  readonly staying: ReadonlySet<string>;
  /** Ids of objects whose statement the server merges with others, so they cannot be compared one by one. */
  readonly uncompared: ReadonlySet<string>;
  /** Questions about foreign keys between rows that come from different ends. */
  readonly references: readonly ReferenceQuestion[];
  readonly warnings: readonly string[];
}

export interface ImportPlanInput {
  readonly objects: readonly RunnableObject[];
  readonly tables: readonly ManifestTable[];
  readonly sequences: readonly ManifestSequence[];
  /** Foreign keys of the dump that refer to tables which it does not have. */
  readonly outgoing?: OutgoingKeys | undefined;
  readonly target: CatalogModel;
  readonly rules: readonly TablePolicyRule[];
  readonly owners: boolean;
  readonly privileges: boolean;
  /** Whether the settings of the source's database replace the target's own. */
  readonly databaseSettings: boolean;
  readonly names?: SchemaNames | null | undefined;
  /** Whether the live target has a schema public; asked only where names differ. */
  readonly targetHasPublic?: boolean | undefined;
  readonly staying?: ReadonlySet<string> | undefined;
  readonly uncompared?: ReadonlySet<string> | undefined;
}

/**
 * Decides what a replaced target will hold: the dump's objects, the rows of its tables by policy, and, from the live
 * target, excluded tables whole and the rows of preserved ones. Pure. Throws TARGET_KEPT_TABLE when something that
 * must be kept cannot be.
 */
export function planImport(input: ImportPlanInput): ImportPlan {
  const names = input.names ?? null;
  const dumpPolicies = tablePolicies(input.objects, rulesOf(input.rules, names, 'source'));
  const excluded = new Set([...dumpPolicies].filter(([, policy]) => policy === 'exclude').map(([id]) => id));
  const exclusion = exclude(input.objects, excluded);
  if (exclusion.broken.length > 0) {
    throw new SyncError(
      'SOURCE_OBJECT_UNSUPPORTED',
      `${exclusion.broken.length} object(s) of the dump need a table that the policy excludes: ` +
        `${exclusion.broken.join(', ')}.`,
      {
        details: { objects: exclusion.broken },
      },
    );
  }
  const overwritten = overwrittenPublic(input.objects, names);
  const largeObjects = largeObjectsAction(input);
  const fromDump = input.objects.filter(
    (object) =>
      !exclusion.out.has(object.id) &&
      !overwritten.has(object) &&
      (largeObjects === 'copy' || !isOfLargeObjects(object)),
  );
  const carried = carryFromTarget(fromDump, input.target, input.rules, {
    names,
    staying: input.staying ?? new Set(),
  });
  const outgoing = outgoingKeys(
    {
      objects: [...exclusion.outgoing, ...(input.outgoing?.objects ?? [])],
      tables: [...excludedTables(input.objects, excluded), ...(input.outgoing?.tables ?? [])],
    },
    { fromDump, carried, target: input.target, names },
  );
  const leftOutKinds = new Set([
    ...(input.owners ? [] : ['owner']),
    ...(input.privileges ? [] : ['privileges']),
    ...(input.databaseSettings ? [] : ['database setting']),
  ]);
  // A table of an extension is not loaded if the extension is left out, or stays with its rows.
  const made = new Set(input.objects.map(({ id }) => id));
  const remains = ({ id }: { readonly id: string }): boolean => made.has(id) && !exclusion.out.has(id);
  const tables = input.tables.filter(remains);
  const kept = tables.filter(({ id }) => dumpPolicies.get(id) === 'preserve');
  const keep: readonly KeptTable[] = [
    ...kept
      .map((table) => ({
        ...onOtherEnd(names, table),
        columns: table.columns.map((column) => ({ ...column, type: typeThere(column.type, names) })),
        searchPath: table.searchPath?.map((schema) => otherName(names, schema)),
      }))
      .map((table) => ({
        table,
        live:
          input.target.tables.find(({ schema, name }) => schema === table.schema && name === table.name) ??
          null,
      })),
    ...carried.tables.map((live) => ({ table: withoutRows(live, carried.idOf(live.id)), live })),
  ];
  const targetPolicies = tablePolicies(input.target.objects, rulesOf(input.rules, names, 'target'));
  refuseRowsWithoutPlace({
    target: input.target,
    kept: input.target.tables.filter(
      ({ id }) =>
        ['preserve', 'exclude'].includes(targetPolicies.get(id) ?? '') && input.staying?.has(id) !== true,
    ),
    keep,
    fromDump,
    plain: new Set(input.tables.map(({ id }) => id)),
    names,
  });
  const keptIds = new Set(keep.map(({ table }) => table.id));
  const load = tables.filter(
    (table) => table.content === 'rows' && (dumpPolicies.get(table.id) ?? 'sync') === 'sync',
  );
  // The options leave out objects of the source; the target's own tables keep theirs.
  const all = [
    ...fromDump.filter(({ kind }) => !leftOutKinds.has(kind)),
    ...carried.objects,
    ...outgoing.objects,
  ];
  const sequences = input.sequences.filter(remains);
  const fromTarget = new Set(carried.objects.map(({ id }) => id));
  const heldSequences = keptSequences({
    objects: all.map((object) => (fromTarget.has(object.id) ? object : inTargetNames(object, names))),
    sequences: sequences.map((sequence) => onOtherEnd(names, sequence)),
    carried: carried.objects.flatMap(({ id, kind }) =>
      kind === 'sequence'
        ? input.target.sequences
            .filter((live) => carried.idOf(live.id) === id)
            .map((live) => ({ ...live, id }))
        : [],
    ),
    keptTables: new Set([
      ...[...dumpPolicies].flatMap(([id, policy]) => (policy === 'preserve' ? [id] : [])),
      ...carried.objects.flatMap(({ id, kind }) => (kind === 'table' ? [id] : [])),
    ]),
    loadedTables: new Set(load.map(({ id }) => id)),
    target: input.target,
  });
  // The live target's state of a kept table's sequence counts, not the dump's.
  const held = new Set(heldSequences.map(({ id }) => id));
  const objects = all.filter(({ kind, partOf }) => kind !== 'sequence value' || !held.has(partOf ?? ''));
  const plan: Omit<ImportPlan, 'references'> = {
    names,
    objects: inSections(objects),
    carried: fromTarget,
    keepPublic: names?.source === publicSchema && input.targetHasPublic === true,
    late: lateObjects(objects, keptIds),
    load,
    empty: tables
      .filter(
        (table) =>
          !keptIds.has(table.id) &&
          (table.content !== 'rows' || (dumpPolicies.get(table.id) ?? 'sync') !== 'sync'),
      )
      .map((table) => ({ ...table, content: 'definition' as const, rows: 0, digest: null })),
    keep: inOrderOfRows(objects, keep),
    sequences: sequences.filter(({ id }) => !held.has(id)),
    keptSequences: heldSequences,
    largeObjects,
    leftOutKinds,
    staying: new Set([
      ...(input.staying ?? []),
      ...(largeObjects === 'keep' ? input.target.objects.filter(isOfLargeObjects).map(({ id }) => id) : []),
    ]),
    uncompared: input.uncompared ?? new Set(),
    warnings: [...exclusion.leftOut, ...outgoing.leftOut, ...[...overwritten].flatMap(overwrittenSentence)],
  };
  const { questions, unasked } = referenceQuestions(plan, input.target);
  return { ...plan, references: questions, warnings: [...plan.warnings, ...unasked] };
}

/** What an option leaves out is not copied; in place it stays in the target. */
function largeObjectsAction({ objects, rules, staying }: ImportPlanInput): ImportPlan['largeObjects'] {
  const policy = largeObjectPolicy(rules);
  if (policy === 'preserve' || policy === 'exclude') return 'keep';
  if (policy === 'sync' && objects.some(isOfLargeObjects)) return 'copy';
  return staying?.has(largeObjectsId) === true ? 'keep' : 'none';
}

function inTargetNames(object: RunnableObject, names: SchemaNames | null): RunnableObject {
  return object.schema === null ? object : { ...object, schema: otherName(names, object.schema) };
}

/** The source's statements about its own schema public are dropped if another schema becomes public. */
function overwrittenPublic(
  objects: readonly RunnableObject[],
  names: SchemaNames | null,
): ReadonlySet<RunnableObject> {
  if (names === null) return new Set();
  return new Set(
    objects.filter(
      (object) =>
        isOfPublicSchema(object) &&
        (names.target === publicSchema ||
          // The schema that is made for it has no comment to remove.
          (names.source === publicSchema && object.facts.removes === true)),
    ),
  );
}

function overwrittenSentence({ kind, identity }: RunnableObject): readonly string[] {
  return kind === 'comment' ? [] : [`${identity} of the source is left out: another schema takes its name.`];
}

/** Tables of extensions in the order in which their rows may come: the opposite of the order in which rows go. */
function inOrderOfRows(objects: readonly RunnableObject[], keep: readonly KeptTable[]): readonly KeptTable[] {
  const place = new Map(objects.map(({ id }, index) => [id, index]));
  const rank = ({ table }: KeptTable): number => (table.extensionConfig ? (place.get(table.id) ?? 0) : -1);
  return [...keep].sort((a, b) => rank(b) - rank(a));
}

function inSections(objects: readonly RunnableObject[]): readonly RunnableObject[] {
  const of = (section: 'pre-data' | 'post-data'): readonly RunnableObject[] =>
    objects.filter((object) => object.section === section);
  return [...of('pre-data'), ...of('post-data')];
}

/**
 * Post-data objects that touch a kept table, or need one that does; every refresh, because it may read kept rows; and
 * event triggers, because they fire for what is made after them.
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
        object.locks.some(({ table }) => keptIds.has(table));
      if (!touches && !object.dependsOn.some((id) => late.has(id))) continue;
      late.add(object.id);
      grew = true;
    }
  }
  return late;
}

import type { CatalogModel, CatalogTable } from '../catalog/model.ts';
import type { ManifestSequence, ManifestTable } from '../dump/manifest.ts';
import type { TablePolicyRule } from '../environments/table-policy.ts';
import { SyncError } from '../errors/sync-error.ts';
import { carryFromTarget } from './carry.ts';
import { keptSequences } from './kept-sequences.ts';
import type { KeptSequence } from './kept-sequences.ts';
import { exclude, tablePolicies, withParts } from './table-policies.ts';
import type { RunnableObject } from './runnable-object.ts';

/** A table whose rows come from the live target. */
export interface KeptTable {
  /** As the new database has it. */
  readonly table: ManifestTable;
  /** As the live target has it; null where it is not there, and there is nothing to keep. */
  readonly live: CatalogTable | null;
}

export interface ImportPlan {
  /** Everything to create, in order, without what the options leave out. */
  readonly objects: readonly RunnableObject[];
  /** Ids of post-data objects that wait for the kept rows. */
  readonly late: ReadonlySet<string>;
  readonly load: readonly ManifestTable[];
  readonly empty: readonly ManifestTable[];
  readonly keep: readonly KeptTable[];
  readonly sequences: readonly ManifestSequence[];
  readonly keptSequences: readonly KeptSequence[];
  /** Kinds of the dump that the options leave out: what the server makes of them is not compared. */
  readonly leftOutKinds: ReadonlySet<string>;
  readonly warnings: readonly string[];
}

export interface ImportPlanInput {
  readonly objects: readonly RunnableObject[];
  readonly tables: readonly ManifestTable[];
  readonly sequences: readonly ManifestSequence[];
  readonly target: CatalogModel;
  readonly rules: readonly TablePolicyRule[];
  readonly owners: boolean;
  readonly privileges: boolean;
}

/**
 * Decides what a replaced target will hold: the dump's objects, the rows of its tables by policy, and, from the live
 * target, excluded tables whole and the rows of preserved ones. Pure. Throws TARGET_KEPT_TABLE when something that
 * must be kept cannot be.
 */
export function planImport(input: ImportPlanInput): ImportPlan {
  const dumpPolicies = tablePolicies(input.objects, input.rules);
  const excluded = new Set([...dumpPolicies].filter(([, policy]) => policy === 'exclude').map(([id]) => id));
  const exclusion = exclude(input.objects, excluded);
  if (exclusion.broken.length > 0) {
    throw new SyncError(
      'SOURCE_OBJECT_UNSUPPORTED',
      `${exclusion.broken.length} object(s) of the dump need a table that the policy excludes: ${exclusion.broken.join(', ')}.`,
      {
        details: { objects: exclusion.broken },
      },
    );
  }
  const fromDump = input.objects.filter(({ id }) => !exclusion.out.has(id));
  const carried = carryFromTarget(fromDump, input.target, input.rules);
  const leftOutKinds = new Set([
    ...(input.owners ? [] : ['owner']),
    ...(input.privileges ? [] : ['privileges']),
  ]);
  const tables = input.tables.filter(({ id }) => !exclusion.out.has(id));
  const kept = tables.filter(({ id }) => dumpPolicies.get(id) === 'preserve');
  const keep: readonly KeptTable[] = [
    ...kept.map((table) => ({
      table,
      live:
        input.target.tables.find(({ schema, name }) => schema === table.schema && name === table.name) ??
        null,
    })),
    ...carried.tables.map((live) => ({ table: asManifestTable(live, carried.idOf(live.id)), live })),
  ];
  const keptIds = new Set(keep.map(({ table }) => table.id));
  const load = tables.filter(
    (table) => table.content === 'rows' && (dumpPolicies.get(table.id) ?? 'sync') === 'sync',
  );
  // What the options leave out is the source's; what the target's own tables have stays with them.
  const all = [...fromDump.filter(({ kind }) => !leftOutKinds.has(kind)), ...carried.objects];
  const sequences = input.sequences.filter(({ id }) => !exclusion.out.has(id));
  const heldSequences = keptSequences({
    objects: all,
    sequences,
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
  // What the live target says of a kept table's sequence holds, not what the dump says.
  const held = new Set(heldSequences.map(({ id }) => id));
  const objects = all.filter(({ kind, partOf }) => kind !== 'sequence value' || !held.has(partOf ?? ''));
  return {
    objects: inSections(objects),
    late: lateObjects(objects, keptIds),
    load,
    empty: tables
      .filter(
        (table) =>
          !keptIds.has(table.id) &&
          (table.content !== 'rows' || (dumpPolicies.get(table.id) ?? 'sync') !== 'sync'),
      )
      .map((table) => ({ ...table, content: 'definition' as const, rows: 0, digest: null })),
    keep,
    sequences: sequences.filter(({ id }) => !held.has(id)),
    keptSequences: heldSequences,
    leftOutKinds,
    warnings: exclusion.leftOut,
  };
}

function inSections(objects: readonly RunnableObject[]): readonly RunnableObject[] {
  const of = (section: 'pre-data' | 'post-data'): readonly RunnableObject[] =>
    objects.filter((object) => object.section === section);
  return [...of('pre-data'), ...of('post-data')];
}

/** Post-data objects that touch a kept table, or need one that does; and every refresh, which may read kept rows. */
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

function asManifestTable(live: CatalogTable, id: string): ManifestTable {
  return {
    id,
    schema: live.schema,
    name: live.name,
    columns: live.columns.map(({ name, type, notNull, generated }) => ({ name, type, notNull, generated })),
    keyColumns: [...live.keyColumns],
    content: 'definition',
    rows: 0,
    rawBytes: live.bytes,
    digest: null,
    loadThrough: live.loadThrough,
  };
}

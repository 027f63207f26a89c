import { renamedIdentity } from '../catalog/comparison/renamed-schema.ts';
import { displayName } from '../catalog/display-name.ts';
import type { CatalogModel, ObjectKind } from '../catalog/model.ts';
import { publicSchema } from '../catalog/schemas/public-schema.ts';
import { SyncError } from '../errors/sync-error.ts';
import { meansObject } from './leave-out.ts';
import { meetsTarget } from './modes.ts';
import type { Mode } from './modes.ts';
import type { RunnableObject } from './runnable-object.ts';
import { onOtherEnd } from './schema-names.ts';
import type { SchemaNames } from './schema-names.ts';
import { withParts } from './table-policies.ts';
import type { TargetRights } from './target-rights.ts';

export interface Staying {
  /** In place: ids of the target's objects that are neither dropped nor made again. */
  readonly ids: ReadonlySet<string>;
  /** Of the dump: not made, because the target's own ones stay. */
  readonly matched: ReadonlySet<string>;
  /** Identities of what stays because the options or an earlier run say so, without its parts. */
  readonly stayed: readonly string[];
  /** A sentence for each decision. */
  readonly notes: readonly string[];
}

const nothing: Staying = { ids: new Set(), matched: new Set(), stayed: [], notes: [] };

/**
 * Decides what stays as it is in a target that is replaced in place: what the options leave out, and extensions that
 * belong to somebody else (a provider installs them), with the schema that holds them. An extension of the dump is
 * matched with the target's extension of that name; in an undo, what stayed in the run is matched with the same
 * objects in the safety copy. TARGET_UNSUPPORTED if an object that stays needs one that is replaced, or the extension
 * of that name is in another schema. In mode `replace` the database is new, so nothing stays.
 */
export function staying(
  input: {
    readonly target: CatalogModel;
    readonly rights: TargetRights;
    readonly mode: Mode | null;
    readonly leaveOut: readonly string[];
    /** In an undo: identities of what stayed in the undone run. The dump holds it too, and it stays again. */
    readonly stays: readonly string[];
    readonly names: SchemaNames | null;
  },
  fromDump: readonly RunnableObject[],
): Staying {
  const { target, rights, names } = input;
  if (!meetsTarget(input.mode)) return nothing;
  const foreign = rights.superuser
    ? new Map<string, TargetRights['installed'][number]>()
    : new Map(rights.installed.filter(({ owned }) => !owned).map((one) => [one.name, one]));
  const extensions = target.objects.filter(({ kind, name }) => kind === 'extension' && foreign.has(name));
  const schemas = new Set(
    extensions.map(({ name }) => foreign.get(name)?.schema).filter((name) => name !== publicSchema),
  );
  const holding = target.objects.filter(({ kind, name }) => kind === 'schema' && schemas.has(name));
  const entries = [...input.leaveOut, ...input.stays];
  const meant = target.objects.filter((object) => meansObject(entries, object));
  const leftOut = remaining(target, meant);
  const chosen = new Set([...extensions, ...holding, ...leftOut].map(({ id }) => id));
  // A table's place in a publication is dropped with the table, and the publication would lose it silently.
  const published = target.objects.filter(
    ({ kind, dependsOn }) => inPublications.has(kind) && dependsOn.some((id) => chosen.has(id)),
  );
  const ids = withParts(target.objects, new Set([...chosen, ...published.map(({ id }) => id)]));
  refuseNeeding(target, ids);
  refuseElsewhere(fromDump, foreign, names);
  const matched = withParts(
    fromDump,
    new Set(
      fromDump
        .filter(
          ({ kind, name, schema, identity }) =>
            (kind === 'extension' && foreign.has(name)) ||
            input.stays.includes(identity) ||
            (kind === 'schema' && schemas.has(onOtherEnd(names, { schema: schema ?? '' }).schema)),
        )
        .map(({ id }) => id),
    ),
  );
  return {
    ids,
    matched,
    stayed: leftOut.map(({ identity }) => identity),
    notes: [
      ...extensions.map(({ identity, name }) => {
        const commented = fromDump.some(
          (one) => matched.has(one.id) && one.name === name && one.kind === 'comment',
        );
        const owner = displayName(foreign.get(name)?.owner ?? '');
        const comment = commented ? ', with its comment' : '';
        return `${identity} of the target belongs to ${owner}: it stays as it is${comment}.`;
      }),
      ...holding.map(
        ({ identity }) =>
          `${identity} of the target holds such an extension; it stays as it is, with its owner and grants.`,
      ),
      ...notMade(fromDump, matched, { target, names }),
      ...leftOut.map(({ identity }) => `${identity} of the target stays as it is: the options leave it out.`),
    ],
  };
}

const inPublications: ReadonlySet<string> = new Set<ObjectKind>(['publication table', 'publication schema']);

/** Objects of the source on tables of an extension that stays in the target without them. */
function notMade(
  fromDump: readonly RunnableObject[],
  matched: ReadonlySet<string>,
  { target, names }: { readonly target: CatalogModel; readonly names: SchemaNames | null },
): readonly string[] {
  const there = new Set(target.objects.map(({ identity }) => identity));
  const nameThere = (identity: string): string =>
    names === null ? identity : renamedIdentity(identity, { left: names.source, right: names.target });
  return (
    fromDump
      // Of changed members, checkMembers tells those that the target's extension does not have.
      .filter(({ id, facts }) => matched.has(id) && facts.guarded === true && facts.member === undefined)
      .map(({ identity }) => nameThere(identity))
      .filter((identity) => !there.has(identity))
      .map((identity) => `${identity} is not made: the extension of the target stays as it is.`)
  );
}

/**
 * Without parts of an object that is dropped, because they are dropped with it: a trigger, a comment, row-level
 * security.
 */
function remaining(target: CatalogModel, meant: CatalogModel['objects']): CatalogModel['objects'] {
  const byId = new Map(target.objects.map((object) => [object.id, object]));
  const chosen = new Set(meant.map(({ id }) => id));
  const goes = ({ partOf }: { readonly partOf: string | null }): boolean => {
    const whole = byId.get(partOf ?? '');
    if (whole === undefined || chosen.has(whole.id)) return false;
    return whole.dropSql !== null || goes(whole);
  };
  return meant.filter((object) => !goes(object));
}

function refuseNeeding(target: CatalogModel, ids: ReadonlySet<string>): void {
  const byId = new Map(target.objects.map((object) => [object.id, object]));
  const faults = target.objects.flatMap((object): string[] => {
    if (!ids.has(object.id)) return [];
    const needed = object.dependsOn
      .filter((id) => !ids.has(id))
      .map((id) => byId.get(id))
      .filter((one) => one !== undefined && !['owner', 'privileges', 'comment'].includes(one.kind));
    return needed.length === 0
      ? []
      : [`${object.identity} (needs ${needed.map((one) => one?.identity).join(', ')})`];
  });
  if (faults.length === 0) return;
  throw new SyncError(
    'TARGET_UNSUPPORTED',
    `${faults.length} object(s) of the target would stay, but need objects that are replaced: ${faults.join('; ')}.`,
    { details: { objects: faults } },
  );
}

function refuseElsewhere(
  fromDump: readonly RunnableObject[],
  foreign: ReadonlyMap<string, TargetRights['installed'][number]>,
  names: SchemaNames | null,
): void {
  const faults = fromDump.flatMap(({ kind, name, schema }): string[] => {
    const there = foreign.get(name);
    if (kind !== 'extension' || there === undefined || schema === null) return [];
    return there.schema === onOtherEnd(names, { schema }).schema
      ? []
      : [
          `${name} is in schema ${displayName(there.schema)} and would have to be in ` +
            displayName(onOtherEnd(names, { schema }).schema),
        ];
  });
  if (faults.length === 0) return;
  throw new SyncError(
    'TARGET_UNSUPPORTED',
    `Extensions of the target belong to others and cannot be moved: ${faults.join('; ')}.`,
    { details: { objects: faults } },
  );
}

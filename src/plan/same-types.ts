import type { CatalogModel, CatalogObject, ObjectKind } from '../catalog/model.ts';
import { modes } from './modes.ts';
import type { Mode } from './modes.ts';
import type { RunnableObject } from './runnable-object.ts';
import type { SchemaNames } from './schema-names.ts';

/** Types that have no rows and run no code of users while they are made. */
const kinds: ReadonlySet<ObjectKind> = new Set(['enum', 'domain', 'composite type'] as const);

export interface SameTypesInput {
  readonly target: Pick<CatalogModel, 'objects'>;
  readonly mode: Mode | null;
  readonly names: SchemaNames | null;
  /** Ids of what stays in the target anyway. */
  readonly staying: ReadonlySet<string>;
  /** Ids of the target's types that may stay; undefined for all. */
  readonly among?: ReadonlySet<string> | undefined;
}

export interface SameTypes {
  /** Ids of the target's objects. */
  readonly ids: ReadonlySet<string>;
  /** Ids of the dump's objects, which are not made. */
  readonly matched: ReadonlySet<string>;
}

/**
 * Types that are the same on both ends, with all that is said of them: in place they stay. Sessions remember types by
 * OID, in prepared statements and in drivers: of a statement whose column or parameter has a type that was made anew,
 * the server says "cached plan must not change result type" or "cache lookup failed for type" from then on, until the
 * session ends. Pure.
 */
export function sameTypes(
  { target, mode, names, staying, among }: SameTypesInput,
  wanted: readonly RunnableObject[],
): SameTypes {
  const ids = new Set<string>();
  const matched = new Set<string>();
  if (mode === null || modes[mode].madeIn !== 'live database' || names !== null) return { ids, matched };
  const inDump = new Map(wanted.map((object) => [object.identity, object]));
  const [partsThere, partsInDump] = [partsOf(target.objects), partsOf(wanted)];
  // What a type needs stands before it.
  for (const object of target.objects) {
    if (!kinds.has(object.kind) || staying.has(object.id) || among?.has(object.id) === false) continue;
    const twin = inDump.get(object.identity);
    if (twin === undefined) continue;
    const mine = [object, ...(partsThere.get(object.id) ?? [])];
    const its = [twin, ...(partsInDump.get(twin.id) ?? [])];
    const own = new Set(mine.map(({ id }) => id));
    const standsAlone = mine.every(({ dependsOn }) =>
      dependsOn.every((id) => own.has(id) || ids.has(id) || staying.has(id)),
    );
    if (!standsAlone || !sayTheSame(mine, its)) continue;
    for (const { id } of mine) ids.add(id);
    for (const { id } of its) matched.add(id);
  }
  return { ids, matched };
}

type Said = Pick<CatalogObject, 'id' | 'identity' | 'partOf' | 'sql'>;

/** All parts of each object, parts of parts too. */
function partsOf<Part extends Said>(objects: readonly Part[]): ReadonlyMap<string, readonly Part[]> {
  const whole = new Map<string, string>();
  const parts = new Map<string, Part[]>();
  for (const object of objects) {
    if (object.partOf === null) continue;
    const root = whole.get(object.partOf) ?? object.partOf;
    whole.set(object.id, root);
    parts.set(root, [...(parts.get(root) ?? []), object]);
  }
  return parts;
}

function sayTheSame(mine: readonly Said[], its: readonly Said[]): boolean {
  const sql = new Map(its.map((object) => [object.identity, object.sql]));
  return mine.length === its.length && mine.every((object) => sql.get(object.identity) === object.sql);
}

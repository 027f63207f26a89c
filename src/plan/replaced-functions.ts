import { equalSql } from '../catalog/comparison/renamed-schema.ts';
import type { CatalogModel, CatalogObject, ObjectKind } from '../catalog/model.ts';
import type { RunnableObject } from './runnable-object.ts';
import type { SchemaNames } from './schema-names.ts';

const header = /^CREATE (?:OR REPLACE )?((?:FUNCTION|PROCEDURE) [^]*?)\nLANGUAGE /m;

/** Functions inside that something outside needs, and that the dump's definition can replace where they are. */
export function replaceable(
  {
    target,
    outside,
    alike,
  }: {
    readonly target: CatalogModel;
    readonly outside: readonly CatalogObject[];
    readonly alike: ReadonlySet<string>;
  },
  counterpart: (identity: string) => RunnableObject | undefined,
  names: SchemaNames | null,
): ReadonlyMap<string, CatalogObject> {
  const needed = new Set(outside.flatMap(({ dependsOn }) => dependsOn));
  const schemas = new Set(target.objects.filter(({ kind }) => kind === 'schema').map(({ id }) => id));
  const found = new Map<string, CatalogObject>();
  for (const object of target.objects) {
    if (!needed.has(object.id) || object.outside !== undefined) continue;
    if (object.kind !== 'function' && object.kind !== 'procedure') continue;
    const next = counterpart(object.identity);
    // Of what it needs itself, everything inside is dropped.
    if (next === undefined || object.dependsOn.some((id) => !schemas.has(id) && !alike.has(id))) continue;
    if (!sameHeader(next.sql, object.sql, names)) continue;
    found.set(next.id, object);
  }
  return found;
}

/** Name, arguments with their defaults, and result: what CREATE OR REPLACE does not change. */
function sameHeader(next: string, old: string, names: SchemaNames | null): boolean {
  const [wanted, there] = [header.exec(next)?.[1], header.exec(old)?.[1]];
  if (wanted === undefined || there === undefined) return false;
  return names === null
    ? wanted === there
    : equalSql(wanted, there, { left: names.source, right: names.target });
}

/**
 * What runs a function each time, so that a new definition is what counts from then on. An index, a generated column or
 * a check holds what the old one said.
 */
export const asksAnew: ReadonlySet<string> = new Set<ObjectKind>([
  'comment',
  'event trigger',
  'function',
  'owner',
  'policy',
  'privileges',
  'procedure',
  'rule',
  'security label',
  'trigger',
  'view',
]);

/** Functions of the target whose definition will be another one. */
export function changedIn(
  replaced: ReadonlyMap<string, CatalogObject>,
  fromDump: readonly RunnableObject[],
  names: SchemaNames | null,
): ReadonlySet<string> {
  const byId = new Map(fromDump.map((object) => [object.id, object]));
  return new Set(
    [...replaced]
      .filter(([id, old]) => {
        const next = byId.get(id)?.sql ?? '';
        return names === null
          ? next !== old.sql
          : !equalSql(next, old.sql, { left: names.source, right: names.target });
      })
      .map(([, old]) => old.id),
  );
}

import { renamedIdentity } from '../catalog/comparison/renamed-schema.ts';
import { displayQualified } from '../catalog/display-name.ts';
import type { CatalogModel, ObjectKind } from '../catalog/model.ts';
import type { ImportPlan } from './import-plan.ts';
import { onOtherEnd } from './schema-names.ts';

type Coming = Pick<ImportPlan, 'objects' | 'fromTarget' | 'staying' | 'names'>;

/** Kinds that people write by hand, and that only an undo brings back. */
const written: ReadonlySet<ObjectKind> = new Set([
  'view',
  'materialized view',
  'function',
  'procedure',
  'aggregate',
  'trigger',
  'rule',
  'policy',
  'foreign table',
  'event trigger',
  'publication',
  'subscription',
  'operator',
  'cast',
]);
/** A list for reading; the plan has all of them. */
const namedMax = 20;

/**
 * Sentences that name what only the target has and will lose, first of all tables whose rows may be nowhere else. A
 * file of `pg_dump -t` or `-n` does not tell that it holds only a part of a database.
 */
export function vanishing(target: Pick<CatalogModel, 'tables' | 'objects'>, plan: Coming): readonly string[] {
  const tables = vanishingTables(target, plan);
  const others = vanishingObjects(target, plan, new Set(tables.map(({ id }) => id)));
  const names = tables.map(({ schema, name }) => displayQualified(schema, name)).sort();
  const more = others.length - namedMax;
  return [
    ...(names.length === 0
      ? []
      : [
          `${names.length} table(s) that only the target has will be dropped, with their rows: ${names.join(', ')}.`,
        ]),
    ...(others.length === 0
      ? []
      : [
          `${others.length} other object(s) that only the target has will be dropped: ` +
            `${others.slice(0, namedMax).join(', ')}${more > 0 ? `, and ${more} more` : ''}.`,
        ]),
  ];
}

function vanishingTables(
  { tables }: Pick<CatalogModel, 'tables'>,
  { objects, fromTarget, staying, names }: Coming,
): CatalogModel['tables'] {
  const keyOf = (schema: string, name: string): string => JSON.stringify([schema, name]);
  const come = new Set(
    objects
      .filter(({ kind }) => kind === 'table')
      .map(({ id, schema, name }) => {
        const there = onOtherEnd(fromTarget.has(id) ? null : names, { schema: schema ?? '', name });
        return keyOf(there.schema, there.name);
      }),
  );
  return tables.filter(
    ({ id, schema, name, extensionConfig }) =>
      !extensionConfig && !staying.has(id) && !come.has(keyOf(schema, name)),
  );
}

/** Identities, without parts of tables that are dropped. */
function vanishingObjects(
  target: Pick<CatalogModel, 'objects'>,
  { objects, fromTarget, staying, names }: Coming,
  gone: ReadonlySet<string>,
): readonly string[] {
  const renamed = names === null ? null : { left: names.source, right: names.target };
  // Both sides are renamed there and back, because the server may quote a schema's name where we do not.
  const key = (identity: string): string =>
    renamed === null ? identity : renamedIdentity(identity, renamed);
  const come = new Set(
    objects.map(({ id, identity }) => (fromTarget.has(id) ? key(identity) : key(key(identity)))),
  );
  return target.objects
    .filter(
      ({ id, kind, identity, partOf }) =>
        written.has(kind) && !staying.has(id) && !gone.has(partOf ?? '') && !come.has(key(identity)),
    )
    .map(({ identity }) => identity)
    .sort();
}

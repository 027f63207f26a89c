import { renamedIdentity } from '../catalog/comparison/renamed-schema.ts';
import { topologicalOrder } from '../catalog/order/topological-order.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { RunnableObject } from './runnable-object.ts';
import type { SchemaNames } from './schema-names.ts';

/**
 * The same objects in an order in which they can be made: of a run about some schemas, objects of the source may need
 * something outside that itself hangs on something inside and is made again. Everything else keeps its order.
 * TARGET_UNSUPPORTED names those that wait for each other. Pure.
 */
export function orderBothEnds(
  objects: readonly RunnableObject[],
  fromTarget: ReadonlySet<string>,
  names: SchemaNames | null,
): readonly RunnableObject[] {
  const again = new Map(
    objects.filter(({ id }) => fromTarget.has(id)).map((object) => [object.identity, object.id]),
  );
  const there = (identity: string): string =>
    names === null ? identity : renamedIdentity(identity, { left: names.source, right: names.target });
  const waitsFor = ({ id, needs = [] }: RunnableObject): readonly string[] =>
    fromTarget.has(id) ? [] : needs.flatMap(({ identity }) => again.get(there(identity)) ?? []);
  if (again.size === 0 || objects.every((object) => waitsFor(object).length === 0)) return objects;
  const linked = objects.map((object) => ({
    ...object,
    dependsOn: [...object.dependsOn, ...waitsFor(object)],
  }));
  const place = new Map(linked.map(({ id }, index) => [id, String(index).padStart(9, '0')]));
  const keyOf = (id: string): string => place.get(id) ?? '';
  return (['pre-data', 'post-data'] as const).flatMap((section) => {
    const here = new Map(linked.filter((one) => one.section === section).map((one) => [one.id, one]));
    const edges = new Map([...here].map(([id, { dependsOn }]) => [id, new Set(dependsOn)]));
    const order = topologicalOrder(edges, keyOf);
    if (order.length < here.size) refuseLoop([...here.values()], new Set(order));
    return order.flatMap((id) => here.get(id) ?? []);
  });
}

function refuseLoop(objects: readonly RunnableObject[], placed: ReadonlySet<string>): never {
  const loop = objects.filter(({ id }) => !placed.has(id)).map(({ identity }) => identity);
  throw new SyncError(
    'TARGET_UNSUPPORTED',
    `${loop.length} object(s) inside and outside the schemas of this run need each other, so that none can be made ` +
      `first: ${loop.join(', ')}.`,
    {
      details: { objects: loop },
      hint: 'Add the schemas of these objects to the run, or remove what stands outside from the target yourself.',
    },
  );
}

import { expect } from 'vitest';
import type { CatalogModel } from '../../src/catalog/model.ts';
import { topologicalOrder } from '../../src/catalog/order/topological-order.ts';

/**
 * The same objects, last names first. An importer may run statements in any order that `dependsOn` allows; this one
 * finds needs that the usual order meets by chance.
 */
export function opposite(model: CatalogModel): CatalogModel {
  const byId = new Map(model.objects.map((object) => [object.id, object]));
  const place = new Map(model.objects.map(({ id }, index) => [id, model.objects.length - index]));
  const order = topologicalOrder(
    new Map(model.objects.map(({ id, dependsOn }) => [id, new Set(dependsOn)])),
    (id) => `${byId.get(id)?.section === 'pre-data' ? 0 : 1} ${String(place.get(id)).padStart(6, '0')}`,
  );
  const objects = order.map((id) => byId.get(id)).filter((object) => object !== undefined);
  expect(objects.length).toBe(model.objects.length);
  expect(objects.map(({ id }) => id)).not.toEqual(model.objects.map(({ id }) => id));
  return { ...model, objects };
}

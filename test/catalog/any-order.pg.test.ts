import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CatalogModel } from '../../src/catalog/model.ts';
import { topologicalOrder } from '../../src/catalog/order/topological-order.ts';
import { lacks } from '../support/lacks.ts';
import { testRole } from '../support/postgres.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { oneOfEverything } from './fixtures.ts';
import { fixtureDatabase, modelOf, restoredByUs, texts } from './oracle.ts';

/**
 * An importer may run statements in any order that `dependsOn` allows. The opposite of the usual one, last names
 * first, finds needs that the usual order meets by chance.
 */
describe.skipIf(lacks('client-tools'))('the needs of objects are complete', () => {
  const databases: TestDatabase[] = [];
  let variables: Record<string, string>;

  beforeAll(async () => {
    const [owner, reader, writer] = [await testRole(), await testRole(), await testRole()];
    variables = { owner: owner.name, reader: reader.name, writer: writer.name };
  });

  afterAll(async () => {
    for (const database of databases) await database.drop();
  });

  it.each(oneOfEverything)('%s comes out the same in the opposite order', async (fixture) => {
    const source = await fixtureDatabase(fixture, variables);
    databases.push(source);
    const model = await modelOf(source.url);
    const backward = await restoredByUs(opposite(model), source);
    const forward = await restoredByUs(model, source);
    databases.push(backward, forward);
    expect(texts(await modelOf(backward.url))).toEqual(texts(await modelOf(forward.url)));
  });
});

function opposite(model: CatalogModel): CatalogModel {
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

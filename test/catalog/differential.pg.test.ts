import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareModels } from '../../src/catalog/compare.ts';
import type { CatalogModel } from '../../src/catalog/model.ts';
import { lacks } from '../support/lacks.ts';
import { testDatabase, testRole } from '../support/postgres.ts';
import type { TestDatabase } from '../support/postgres.ts';
import {
  dropAll,
  dumpedEntries,
  fixtureDatabase,
  modelOf,
  restoredByPgDump,
  restoredByUs,
  texts,
} from './oracle.ts';

/**
 * pg_dump and psql as the oracle. A dump of the source and a dump of its copy may differ although the copy is right
 * (facts: §0.1), so the copy that our statements make is compared with the copy that pg_dump makes.
 */
describe.skipIf(lacks('client-tools'))('what our statements make is what pg_dump makes', () => {
  let emptyEntries: readonly string[];

  beforeAll(async () => {
    const empty = await testDatabase('empty');
    emptyEntries = await dumpedEntries(empty.url);
    await empty.drop();
  });

  describe.each([
    'types-and-routines',
    'tables',
    'partitions',
    'indexes-views-rules',
    'loops',
    'names',
    'privileges',
  ])('%s', (fixture) => {
    let source: TestDatabase;
    let reference: TestDatabase;
    let ours: TestDatabase;
    let model: CatalogModel;

    beforeAll(async () => {
      const roles = { owner: await testRole(), reader: await testRole(), writer: await testRole() };
      const variables = Object.fromEntries(Object.entries(roles).map(([name, role]) => [name, role.name]));
      source = await fixtureDatabase(fixture, variables);
      model = await modelOf(source.url);
      reference = await restoredByPgDump(source);
      ours = await restoredByUs(model, source);
    });

    afterAll(async () => {
      for (const database of [source, reference, ours]) await database?.drop();
    });

    it('carries everything', () => {
      expect(model.unsupported).toEqual([]);
    });

    it('makes the same database', async () => {
      expect(await dumpedEntries(ours.url)).toEqual(await dumpedEntries(reference.url));
    });

    it('reads the same from both', async () => {
      expect(texts(await modelOf(ours.url))).toEqual(texts(await modelOf(reference.url)));
    });

    it('finds the copy equal to the source', async () => {
      expect(compareModels(model, await modelOf(ours.url), { owners: true, privileges: true })).toEqual([]);
    });

    it('names what it needs, before it needs it', () => {
      const before = new Set<string>();
      const late = new Set<string>();
      const ids = new Set(model.objects.map(({ id }) => id));
      for (const { id, section, dependsOn, partOf } of model.objects) {
        for (const need of dependsOn) {
          expect(before, `${id} needs ${need}`).toContain(need);
          expect(section === 'pre-data' && late.has(need), `${id} is before the rows, ${need} after`).toBe(
            false,
          );
        }
        if (partOf !== null) expect(ids).toContain(partOf);
        before.add(id);
        if (section === 'post-data') late.add(id);
      }
      expect(before.size).toBe(model.objects.length);
      expect(new Set(model.objects.map(({ identity }) => identity)).size).toBe(model.objects.length);
    });

    it('drops everything again', async () => {
      await dropAll(ours.url, await modelOf(ours.url));
      // Whose schema public is cannot be undone by everyone, and does not matter to what is made next.
      const left = (await modelOf(ours.url)).objects.filter(
        ({ identity }) => identity !== 'owner of schema public',
      );
      expect(left).toEqual([]);
      const entries = await dumpedEntries(ours.url);
      expect(entries.filter((entry) => !entry.startsWith('Name: public; Type: SCHEMA;'))).toEqual(
        emptyEntries,
      );
    });
  });
});

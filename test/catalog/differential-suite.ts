import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareModels } from '../../src/catalog/compare.ts';
import type { CatalogModel } from '../../src/catalog/model.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { oneOfEverything } from './fixtures.ts';
import {
  dropAll,
  dumpedEntries,
  filledViews,
  fixtureDatabase,
  modelOf,
  restoredByPgDump,
  restoredByUs,
  texts,
} from './oracle.ts';
import type { CatalogServer } from './servers.ts';

/**
 * pg_dump and psql as the oracle. A dump of the source and a dump of its copy may differ although the copy is right
 * (facts: §0.1), so the copy that our statements make is compared with the copy that pg_dump makes.
 */
export function differentialSuite(
  start: () => Promise<CatalogServer>,
  fixtures: readonly string[] = oneOfEverything,
): void {
  let server: CatalogServer;
  let emptyEntries: readonly string[];

  beforeAll(async () => {
    server = await start();
    const empty = await server.database('empty');
    // Before 15 a new database's public schema was open to everyone; what we leave is what 15 and later have.
    emptyEntries = (await dumpedEntries(empty.url)).filter(
      (entry) => !/^Name: (?:SCHEMA )?public; Type: (?:SCHEMA|ACL);/.test(entry),
    );
    await empty.drop();
  });

  describe.each(fixtures)('%s', (fixture) => {
    let source: TestDatabase;
    let reference: TestDatabase;
    let ours: TestDatabase;
    let model: CatalogModel;
    let copied: CatalogModel;

    beforeAll(async () => {
      const variables = {
        owner: await server.role('owner'),
        reader: await server.role('reader'),
        writer: await server.role('writer'),
      };
      source = await fixtureDatabase(fixture, variables, server);
      model = await modelOf(source.url);
      reference = await restoredByPgDump(source, server);
      ours = await restoredByUs(model, source, server);
      copied = await modelOf(ours.url);
    });

    afterAll(async () => {
      for (const database of [source, reference, ours]) await database?.drop();
    });

    it('carries everything', () => {
      expect(model.unsupported).toEqual([]);
    });

    it('makes the same database, with the same rows', async () => {
      expect(await dumpedEntries(ours.url)).toEqual(await dumpedEntries(reference.url));
      expect(await filledViews(ours)).toEqual(await filledViews(reference));
    });

    it('reads the same from both', async () => {
      expect(texts(copied)).toEqual(texts(await modelOf(reference.url)));
    });

    it('finds the copy equal to the source', () => {
      expect(compareModels(model, copied, { owners: true, privileges: true })).toEqual([]);
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
      await dropAll(ours.url, copied);
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
}

import { beforeAll, describe, expect, it } from 'vitest';
import { factsInText } from '../../src/catalog/facts-in-text.ts';
import { objectKinds } from '../../src/catalog/model.ts';
import type { CatalogModel, ObjectKind } from '../../src/catalog/model.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { lacks } from '../support/lacks.ts';
import { olderMajors } from '../support/needs.ts';
import { serverBinaries } from '../support/servers/fetch.ts';
import type { Mode } from '../harness/environment-pair.ts';
import { oneOfEverything } from './fixtures.ts';
import { objectsTable } from './objects-table.ts';
import { opposite } from './opposite.ts';
import { dropAll, dumpedEntries, fixtureDatabase, modelOf, restoredByUs, texts } from './oracle.ts';
import { found } from './oracle/differences.ts';
import { unexplained } from './oracle/known-differences.ts';
import { roundTrip, upgrade } from './oracle/round-trip.ts';
import type { RoundTrip } from './oracle/round-trip.ts';
import { packs } from './packs.ts';
import { sharedServer, startServer } from './servers.ts';
import type { CatalogServer } from './servers.ts';

/**
 * Every fixture on servers of one major, a few databases for all of them: a file of its own for each major, so that two
 * can run side by side. TEST_MATRIX=single gives each fixture a database of its own.
 */
export function matrixSuite(major: number, mode: Mode): void {
  const older = olderMajors.find((other) => other === major);
  const unavailable = lacks('client-tools') || (older !== undefined && lacks(`postgres-${older}`));
  describe.skipIf(unavailable)(`PostgreSQL ${major}`, () => {
    const seen = new Set<ObjectKind>();
    const common = { together: process.env['TEST_MATRIX'] !== 'single', seen };
    if (older === undefined) {
      fixtureSuite(() => Promise.resolve(sharedServer), mode, { ...common, backwardToo: true });
    } else {
      fixtureSuite(() => startServer(serverBinaries(older)), mode, { ...common, upgradeTo: sharedServer });
    }

    it('is what docs/objects.md says is tested on it', () => {
      const rows = objectsTable().filter(
        ({ majors, kind }) => majors.includes(major) && !isElsewhere(kind, major),
      );
      expect(rows.map(({ kind }) => kind)).toEqual(objectKinds.filter((kind) => seen.has(kind)));
    });
  });
}

/**
 * Labels need a provider that no package brings (security-labels.pg.test.ts). Subscriptions of servers before 16 are no
 * matter for pg_dump 18, which names options that they do not have (test/sync/servers/subscriptions.pg.test.ts).
 */
const isElsewhere = (kind: string, major: number): boolean =>
  kind === 'security label' || (kind === 'subscription' && major < 16);

interface FixtureOptions {
  readonly fixtures?: readonly string[];
  /** Several in one database (packs.ts). */
  readonly together?: boolean;
  /** A server of a later major, to which each fixture goes too. */
  readonly upgradeTo?: CatalogServer;
  /** Made in the opposite order too, which finds needs that the usual one meets by chance. */
  readonly backwardToo?: boolean;
  /** Gets the kinds that the fixtures brought. */
  readonly seen?: Set<ObjectKind>;
}

/** Takes fixtures there and back with pg_dump and psql as the oracle (oracle/round-trip.ts). */
export function fixtureSuite(
  start: () => Promise<CatalogServer>,
  mode: Mode,
  options: FixtureOptions = {},
): void {
  const { fixtures = oneOfEverything } = options;
  let server: CatalogServer;
  let roles: Readonly<Record<'owner' | 'reader' | 'writer', string>>;
  let emptyEntries: readonly string[];

  beforeAll(async () => {
    server = await start();
    roles = {
      owner: await server.role('owner'),
      reader: await server.role('reader'),
      writer: await server.role('writer'),
    };
    const empty = await server.database('empty');
    emptyEntries = (await dumpedEntries(empty.url)).filter((entry) => !aboutSchemaPublic(entry));
    await empty.drop();
  });

  const check = async (source: TestDatabase): Promise<void> => {
    const { model, imported, dumps, findings, databases } = await roundTrip({ source, server, mode });
    for (const { kind } of model.objects) options.seen?.add(kind);
    // Of older dumps, whose objects do not say it.
    const factsOf = factsInText(model.objects);
    for (const object of model.objects)
      expect([object.identity, factsOf(object)]).toEqual([object.identity, object.facts]);
    const { upgradeTo } = options;
    const upgraded = upgradeTo === undefined ? {} : await upgrade(dumps, upgradeTo, mode);
    const major = Math.floor(model.server.versionNum / 10_000);
    expect(
      found(unexplained(findings, major), unexplained(upgraded, major), { order: misplaced(model) }),
    ).toEqual({});
    if (options.backwardToo === true) {
      const backward = await restoredByUs(opposite(model), source, server);
      const made = await modelOf(backward.url, { secrets: true });
      expect(contentOf(made)).toEqual(contentOf(imported.model));
      await backward.drop();
    }
    await dropsAll(imported, emptyEntries);
    for (const database of [...databases, source]) await database.drop();
  };

  if (options.together === true) {
    it(
      'all fixtures, in a few databases',
      async () => {
        for (const { database } of await packs(fixtures, roles, server)) await check(database);
      },
      10 * 60_000,
    );
  } else {
    it.each(fixtures)('%s', async (fixture) => check(await fixtureDatabase(fixture, roles, server)));
  }
}

/**
 * Objects by their text, members of extensions by their state: in place, extension and changes are made in one
 * transaction, which leaves nothing to tell a change of a member from the end of the script by.
 */
function contentOf(model: CatalogModel): object {
  const objects = model.objects.filter(({ facts }) => facts.member === undefined);
  return { ...texts({ ...model, objects }), members: model.extensionMembers };
}

async function dropsAll(
  { database, model }: RoundTrip['imported'],
  emptyEntries: readonly string[],
): Promise<void> {
  await dropAll(database.url, model);
  // Whose schema public is cannot be undone by everyone, and does not matter to what is made next.
  const left = (await modelOf(database.url)).objects.map(({ identity }) => identity);
  expect(left.filter((identity) => identity !== 'owner of schema public')).toEqual([]);
  const entries = await dumpedEntries(database.url);
  expect(entries.filter((entry) => !aboutSchemaPublic(entry))).toEqual(emptyEntries);
}

/** Before 15 a new database's public schema was open to everyone; what we leave is what 15 and later have. */
function aboutSchemaPublic(entry: string): boolean {
  return /^Name: (?:SCHEMA )?public; Type: (?:SCHEMA|ACL);/.test(entry);
}

/** Objects that come before what they need, or whose names are not their own. */
function misplaced({ objects }: CatalogModel): string[] {
  const before = new Set<string>();
  const late = new Set<string>();
  const identities = new Set<string>();
  const problems: string[] = [];
  for (const { id, identity, section, dependsOn, partOf } of objects) {
    for (const need of dependsOn) {
      if (!before.has(need)) problems.push(`${identity} needs ${need}, which comes later`);
      if (section === 'pre-data' && late.has(need)) problems.push(`${identity} needs ${need} after the rows`);
    }
    if (partOf !== null && !objects.some((object) => object.id === partOf)) {
      problems.push(`${identity} is part of ${partOf}, which is not there`);
    }
    if (identities.has(identity)) problems.push(`two objects are called ${identity}`);
    before.add(id);
    identities.add(identity);
    if (section === 'post-data') late.add(id);
  }
  return problems;
}

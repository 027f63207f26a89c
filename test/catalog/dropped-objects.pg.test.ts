import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareModels } from '../../src/catalog/compare.ts';
import { objectKinds } from '../../src/catalog/model.ts';
import type { Difference } from '../../src/catalog/difference.ts';
import type { CatalogModel, CatalogObject, ObjectKind } from '../../src/catalog/model.ts';
import { readCatalog } from '../../src/catalog/read-catalog.ts';
import type { Session } from '../../src/postgres/session.ts';
import { lacks } from '../support/lacks.ts';
import { oneOfEverything } from './fixtures.ts';
import { objectsTable } from './objects-table.ts';
import { fixtureDatabase, withSession } from './oracle.ts';
import { sharedServer } from './servers.ts';

/** Where losing one of these is tested instead. */
const elsewhere: Partial<Record<ObjectKind, string>> = {
  'index attach': 'changed-objects.pg.test.ts: a partition’s index goes with the partitioned one',
  'extension member': 'test/sync/extension-members.pg.test.ts: it goes with its extension',
  'sequence value': 'test/sync/verify.pg.test.ts',
  refresh: 'changed-objects.pg.test.ts',
  'security label': 'test/catalog/security-labels.pg.test.ts',
};

describe.skipIf(lacks('client-tools'))('an object that is gone', () => {
  const named = new Set<ObjectKind>();
  /** `fixture: kind` */
  const seen = new Set<string>();
  let roles: Record<string, string>;

  beforeAll(async () => {
    roles = {
      owner: await sharedServer.role('owner'),
      reader: await sharedServer.role('reader'),
      writer: await sharedServer.role('writer'),
    };
  });

  it.each(oneOfEverything)('is named: one of each kind that comes first in %s', async (fixture) => {
    const database = await fixtureDatabase(fixture, roles);
    await withSession(database.url, 'target', async (session) => {
      const whole = await readCatalog(session, { secrets: true });
      const kinds = new Set(whole.objects.map((object) => object.kind));
      for (const kind of kinds) seen.add(`${fixture}: ${kind}`);
      for (const kind of [...kinds].filter((candidate) => !named.has(candidate))) {
        const lost = await firstDropped(session, whole, kind);
        if (lost === null) continue;
        const missing = lost.differences.filter(({ difference }) => difference === 'is missing');
        expect(missing.map(({ name }) => name)).toContain(lost.object.identity);
        named.add(kind);
      }
    });
    await database.drop();
  });

  it('is of a kind that the fixture has which docs/objects.md names', () => {
    const rows = objectsTable().filter(
      ({ majors, kind }) => majors.includes(18) && kind !== 'security label',
    );
    const claimed = rows.map(({ kind, fixture }) => `one-of-everything/${fixture}: ${kind}`);
    expect(claimed.filter((claim) => !seen.has(claim))).toEqual([]);
  });

  afterAll(() => {
    const untested = objectKinds.filter((kind) => !named.has(kind) && !(kind in elsewhere));
    expect(untested, 'kinds of which no fixture has an object that could be dropped').toEqual([]);
  });
});

interface Lost {
  readonly object: CatalogObject;
  readonly differences: readonly Difference[];
}

/** Drops the first object of a kind that the server lets go, looks, and puts it back. */
async function firstDropped(session: Session, whole: CatalogModel, kind: ObjectKind): Promise<Lost | null> {
  const candidates = whole.objects.filter((object) => object.kind === kind);
  for (const how of [(sql: string) => sql, withDependents]) {
    for (const object of candidates) {
      if (object.dropSql === null) continue;
      await session.execute('BEGIN');
      try {
        if (!(await runs(session, how(object.dropSql)))) continue;
        const left = await readCatalog(session, { secrets: true });
        const everything = { owners: true, privileges: true, databaseSettings: true };
        return { object, differences: compareModels(whole, left, everything) };
      } finally {
        await session.execute('ROLLBACK');
      }
    }
  }
  return null;
}

/** Where each object of the kind is needed by another, it goes with them. */
function withDependents(dropSql: string): string {
  return dropSql.replace(/;$/, ' CASCADE;');
}

async function runs(session: Session, sql: string): Promise<boolean> {
  try {
    await session.execute(sql);
    return true;
  } catch {
    // Something else needs it; another object of the kind will do.
    return false;
  }
}

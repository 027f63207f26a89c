import { afterAll, describe, expect, it } from 'vitest';
import type { CatalogObject, ObjectKind } from '../../src/catalog/model.ts';
import { sqlState } from '../../src/postgres/sqlstate.ts';
import type { Session } from '../../src/postgres/session.ts';
import { lacks } from '../support/lacks.ts';
import { testDatabase, testRole } from '../support/postgres.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { fixtureDatabase, modelOf, withSession } from './oracle.ts';

/** Kinds whose statements an ordinary role is let run or refused whoever made what they mention. */
const kinds = new Set<ObjectKind>([
  'function',
  'procedure',
  'aggregate',
  'operator',
  'operator family',
  'operator class',
  'text search parser',
  'text search template',
  'text search dictionary',
  'text search configuration',
]);

const refusals = /superuser|permission denied|aggregate transition data type cannot be internal/;

const fixtures = ['functions', 'aggregates', 'operators', 'operator-classes', 'text-search'];

describe.skipIf(lacks('client-tools'))('what only superusers may make', () => {
  const databases: TestDatabase[] = [];

  afterAll(async () => {
    for (const database of databases) await database.drop();
  });

  it.each(fixtures)('is marked, and nothing else is: %s', async (fixture) => {
    const [ordinary, reader, writer] = [await testRole(), await testRole(), await testRole()];
    const roles = { owner: ordinary.name, reader: reader.name, writer: writer.name };
    const source = await fixtureDatabase(`one-of-everything/${fixture}`, roles);
    const target = await testDatabase('ordinary');
    databases.push(source, target);
    const model = await modelOf(source.url);
    const refused = await withSession(target.url, 'target', async (session) => {
      await session.execute(`GRANT CREATE ON SCHEMA public TO "${ordinary.name}"`);
      const found: string[] = [];
      for (const object of model.objects.filter(({ section }) => section === 'pre-data')) {
        if (!(await runAsOrdinary(session, object, ordinary.name))) found.push(object.identity);
      }
      return found;
    });
    const marked = model.objects.filter(({ kind, superuser }) => superuser && kinds.has(kind));
    expect(refused).toEqual(marked.map(({ identity }) => identity));
    expect(refused.length).toBeGreaterThan(0);
  });
});

/** False where the role is refused; the object is made in any case. */
async function runAsOrdinary(session: Session, object: CatalogObject, role: string): Promise<boolean> {
  if (!kinds.has(object.kind)) {
    await session.execute(object.sql);
    if (object.kind === 'schema') {
      await session.execute(`GRANT ALL ON SCHEMA "${object.name.replaceAll('"', '""')}" TO "${role}"`);
    }
    return true;
  }
  try {
    await session.execute(`SET ROLE "${role}"`);
    await session.execute(object.sql);
    return true;
  } catch (error) {
    if (!refusals.test((error as Error).message)) throw error;
    expect(['42501', '42P13']).toContain(sqlState(error));
    await session.execute('RESET ROLE');
    await session.execute(object.sql);
    return false;
  } finally {
    await session.execute('RESET ROLE');
  }
}

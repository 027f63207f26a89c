import { readFile } from 'node:fs/promises';
import type { CatalogModel } from '../../src/catalog/model.ts';
import { readCatalog } from '../../src/catalog/read-catalog.ts';
import { parseDatabaseUrl } from '../../src/environments/database-url.ts';
import { Database } from '../../src/postgres/database.ts';
import type { SessionPurpose } from '../../src/postgres/session-settings.ts';
import type { Session } from '../../src/postgres/session.ts';
import { pgDump, psql } from '../support/client-tools.ts';
import { testDatabase } from '../support/postgres.ts';
import type { TestDatabase } from '../support/postgres.ts';

export async function withSession<T>(
  url: string,
  purpose: SessionPurpose,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  await using database = new Database({
    url: parseDatabaseUrl('TEST_DATABASE_URL', url),
    purpose,
    applicationName: 'multiboard-sync catalog test',
  });
  return await database.withSession(work);
}

export function modelOf(url: string): Promise<CatalogModel> {
  return withSession(url, 'source', async (session) => {
    await session.execute('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    const model = await readCatalog(session);
    await session.execute('COMMIT');
    return model;
  });
}

/** A database made by a fixture. `variables` are psql's. */
export async function fixtureDatabase(
  fixture: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<TestDatabase> {
  const database = await testDatabase(fixture.replaceAll('-', '_').slice(0, 20));
  await runPsql(
    database.url,
    await readFile(new URL(`fixtures/${fixture}.sql`, import.meta.url), 'utf8'),
    variables,
  );
  return database;
}

export async function runPsql(
  url: string,
  input: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<void> {
  const settings = Object.entries(variables).map(([name, value]) => `--set=${name}=${value}`);
  const result = await psql(url, ['--quiet', '--output=/dev/null', ...settings], { input });
  if (result.code !== 0) throw new Error(`psql: ${result.stderr}`);
}

export async function dumpText(url: string, args: readonly string[]): Promise<string> {
  const result = await pgDump(url, ['--restrict-key=test', ...args]);
  if (result.code !== 0) throw new Error(`pg_dump: ${result.stderr}`);
  return result.stdout;
}

/** What pg_dump says about a database, one entry per object, in an order that does not depend on OIDs. */
export async function dumpedEntries(url: string): Promise<string[]> {
  const text = await dumpText(url, ['--schema-only']);
  return text
    .slice(0, text.lastIndexOf('\n--\n-- PostgreSQL database dump complete'))
    .split(/\n--\n-- (?=Name: )/)
    .map((entry) => entry.trimEnd())
    .sort();
}

/** What `pg_dump | psql` makes of a database. */
export async function restoredByPgDump(source: TestDatabase): Promise<TestDatabase> {
  const restored = await testDatabase('reference');
  await runPsql(restored.url, await dumpText(source.url, []));
  return restored;
}

/** What our statements make of it, in order, with pg_dump's rows between the sections. */
export async function restoredByUs(model: CatalogModel, source: TestDatabase): Promise<TestDatabase> {
  const restored = await testDatabase('ours');
  const rows = await dumpText(source.url, ['--data-only']);
  await withSession(restored.url, 'target', (session) => run(session, model, 'pre-data'));
  await runPsql(restored.url, rows);
  await withSession(restored.url, 'target', (session) => run(session, model, 'post-data'));
  return restored;
}

async function run(session: Session, model: CatalogModel, section: 'pre-data' | 'post-data'): Promise<void> {
  for (const object of model.objects.filter((candidate) => candidate.section === section)) {
    try {
      await session.execute(object.sql);
    } catch (error) {
      throw new Error(`${object.identity}: ${(error as Error).message}\n${object.sql}`, { cause: error });
    }
  }
}

/** Drops everything of the model, last made first, in one transaction and without CASCADE. */
export async function dropAll(url: string, model: CatalogModel): Promise<void> {
  await withSession(url, 'target', async (session) => {
    await session.execute('BEGIN');
    for (const object of model.objects.toReversed()) {
      if (object.dropSql === null) continue;
      try {
        await session.execute(object.dropSql);
      } catch (error) {
        throw new Error(`${object.dropSql}: ${(error as Error).message}`, { cause: error });
      }
    }
    await session.execute('COMMIT');
  });
}

/** Identity → SQL. */
export function texts(model: CatalogModel): Record<string, string> {
  return Object.fromEntries(model.objects.map(({ identity, sql }) => [identity, sql]));
}

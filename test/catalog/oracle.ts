import { readFile } from 'node:fs/promises';
import type { CatalogModel } from '../../src/catalog/model.ts';
import { readCatalog } from '../../src/catalog/read-catalog.ts';
import { parseDatabaseUrl } from '../../src/environments/database-url.ts';
import { Database } from '../../src/postgres/database.ts';
import type { SessionPurpose } from '../../src/postgres/session-settings.ts';
import type { Session } from '../../src/postgres/session.ts';
import { pgDump, psql } from '../support/client-tools.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { sharedServer } from './servers.ts';
import type { CatalogServer } from './servers.ts';

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

/** Fixtures say `\\if :v15` around what older servers do not know. */
const versionVariables = [14, 15, 16, 17, 18]
  .map((major) => `SELECT current_setting('server_version_num')::int >= ${major}0000 AS v${major} \\gset\n`)
  .join('');

/** A database made by a fixture: `one-of-everything/tables`. `variables` are psql's. */
export async function fixtureDatabase(
  fixture: string,
  variables: Readonly<Record<string, string>> = {},
  server: CatalogServer = sharedServer,
): Promise<TestDatabase> {
  const database = await server.database(fixture.split('/').at(-1)?.replaceAll('-', '_').slice(0, 20) ?? '');
  const sql = await readFile(new URL(`../${fixture}.sql`, import.meta.url), 'utf8');
  await runPsql(database.url, `${versionVariables}${sql}`, variables);
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

async function dumpText(url: string, args: readonly string[]): Promise<string> {
  const result = await pgDump(url, ['--restrict-key=test', ...args]);
  if (result.code !== 0) throw new Error(`pg_dump: ${result.stderr}`);
  return result.stdout;
}

/**
 * What pg_dump says about a database, rows included, one entry per object, in an order that does not depend on OIDs.
 * Minors since November 2026 keep a counter among the options of columns, which a pg_dump from before shows.
 */
export async function dumpedEntries(url: string): Promise<string[]> {
  const text = (await dumpText(url, [])).replaceAll(/pg_attver=\d+/g, 'pg_attver=0');
  return text
    .slice(0, text.lastIndexOf('\n--\n-- PostgreSQL database dump complete'))
    .split(/\n--\n-- (?=(?:Data for )?Name: )/)
    .map((entry) => entry.trimEnd())
    .sort();
}

/** What `pg_dump | psql` makes of a database. */
export async function restoredByPgDump(
  source: TestDatabase,
  server: CatalogServer = sharedServer,
): Promise<TestDatabase> {
  const restored = await server.database('reference');
  await runPsql(restored.url, forOlderServers(await dumpText(source.url, [])));
  return restored;
}

/** pg_dump 18 writes for servers of its own version (facts: §0.12). */
function forOlderServers(dump: string): string {
  return dump.replace('\nSET transaction_timeout = 0;\n', '\n');
}

/** What our statements make of it, in order, with pg_dump's rows between the sections. */
export async function restoredByUs(
  model: CatalogModel,
  source: TestDatabase,
  server: CatalogServer = sharedServer,
): Promise<TestDatabase> {
  const restored = await server.database('ours');
  const rows = await dumpText(source.url, ['--data-only']);
  await withSession(restored.url, 'target', (session) => run(session, model, 'pre-data'));
  await runPsql(restored.url, forOlderServers(rows));
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

/** Materialized views, and whether each is filled. */
export function filledViews(database: TestDatabase): Promise<unknown[]> {
  return database.query(
    'SELECT schemaname, matviewname, ispopulated FROM pg_matviews ORDER BY schemaname, matviewname',
  );
}

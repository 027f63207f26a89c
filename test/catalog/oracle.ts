import { readFile } from 'node:fs/promises';
import type { CatalogModel } from '../../src/catalog/model.ts';
import { readCatalog } from '../../src/catalog/read-catalog.ts';
import type { CatalogScope } from '../../src/catalog/catalog-scope.ts';
import { parseDatabaseUrl } from '../../src/environments/database-url.ts';
import type { Side } from '../../src/postgres/conditions.ts';
import { Database } from '../../src/postgres/database.ts';
import type { Session } from '../../src/postgres/session.ts';
import { psql } from '../support/client-tools.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { dumpText, entriesOf } from './oracle/dump-entries.ts';
import { sharedServer } from './servers.ts';
import type { CatalogServer } from './servers.ts';

export async function withSession<T>(
  url: string,
  side: Side,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  await using database = new Database({
    url: parseDatabaseUrl('TEST_DATABASE_URL', url),
    side,
    access: side === 'source' ? 'read' : 'write',
    applicationName: 'multiboard-sync catalog test',
  });
  return await database.withSession(work);
}

export function modelOf(url: string, scope: CatalogScope = {}): Promise<CatalogModel> {
  return withSession(url, 'source', async (session) => {
    await session.execute('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    const model = await readCatalog(session, scope);
    await session.execute('COMMIT');
    return model;
  });
}

/** Fixtures say `\\if :v15` around what older servers do not know. */
const versionVariables = [14, 15, 16, 17, 18]
  .map((major) => `SELECT current_setting('server_version_num')::int >= ${major}0000 AS v${major} \\gset\n`)
  .join('');

/** Text of a fixture, `one-of-everything/tables`, for psql. */
export async function fixtureSql(fixture: string): Promise<string> {
  return versionVariables + (await readFile(new URL(`../${fixture}.sql`, import.meta.url), 'utf8'));
}

/** A first comment that says `(alone)`: the fixture can't share a database with others. */
export function isAlone(sql: string): boolean {
  return /^--.*\(alone\)/m.test(sql);
}

/** A database made by a fixture. `variables` are psql's. */
export async function fixtureDatabase(
  fixture: string,
  variables: Readonly<Record<string, string>> = {},
  server: CatalogServer = sharedServer,
): Promise<TestDatabase> {
  const database = await server.database(fixture.split('/').at(-1)?.replaceAll('-', '_').slice(0, 20) ?? '');
  await runPsql(database.url, await fixtureSql(fixture), variables);
  return database;
}

export async function runPsql(
  url: string,
  input: string,
  variables: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
): Promise<void> {
  const settings = Object.entries(variables).map(([name, value]) => `--set=${name}=${value}`);
  const result = await psql(url, ['--quiet', '--output=/dev/null', ...args, ...settings], { input });
  if (result.code !== 0) throw new Error(`psql: ${result.stderr}`);
}

/** pg_dump's entries with rows, one per object. */
export async function dumpedEntries(url: string): Promise<string[]> {
  return entriesOf(await dumpText(url, []));
}

/** What `pg_dump | psql` makes of a database. */
export async function restoredByPgDump(
  source: TestDatabase,
  server: CatalogServer = sharedServer,
): Promise<TestDatabase> {
  return restored(await dumpText(source.url, []), server);
}

/** What psql makes of pg_dump's text. */
async function restored(dump: string, server: CatalogServer): Promise<TestDatabase> {
  const database = await server.database('reference');
  await runPsql(database.url, await forServer(dump, database));
  return database;
}

/** The same, past whatever pg_dump wrote wrong: it names what psql refused. */
export async function restoredDespiteErrors(
  dump: string,
  server: CatalogServer,
): Promise<{ readonly database: TestDatabase; readonly errors: readonly string[] }> {
  const database = await server.database('reference');
  return { database, errors: await runPsqlPastErrors(database.url, await forServer(dump, database)) };
}

/** Runs what can be run, and returns the server's complaints about the rest. */
export async function runPsqlPastErrors(
  url: string,
  input: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const settings = Object.entries(variables).map(([name, value]) => `--set=${name}=${value}`);
  const args = ['--quiet', '--output=/dev/null', '--set=ON_ERROR_STOP=0', ...settings];
  const { stderr } = await psql(url, args, { input });
  const errors = stderr.split('\n').filter((line) => line.includes('ERROR:'));
  return errors.map((line) => line.slice(line.indexOf('ERROR:')));
}

/** pg_dump 18 writes for servers of its own version (docs/facts/postgresql.md#the-text-of-another-version). */
async function forServer(dump: string, database: TestDatabase): Promise<string> {
  const [version] = await database.query<{ num: number }>(
    "SELECT current_setting('server_version_num')::int AS num",
  );
  const num = version?.num ?? 0;
  const unknown = [...(num < 160_000 ? ['run_as_owner'] : []), ...(num < 140_000 ? ['streaming'] : [])];
  const options = /(?<= WITH \(connect = false)[^)]*(?=\);)/g;
  return dump
    .replace('\nSET transaction_timeout = 0;\n', num < 170_000 ? '\n' : '$&')
    .replaceAll(options, (list) =>
      unknown.reduce((kept, name) => kept.replace(new RegExp(`, ${name} = \\w+`), ''), list),
    );
}

/** What our statements make of it, in order, with pg_dump's rows between the sections. */
export async function restoredByUs(
  model: CatalogModel,
  source: TestDatabase,
  server: CatalogServer = sharedServer,
): Promise<TestDatabase> {
  const database = await server.database('ours');
  const rows = await dumpText(source.url, ['--data-only']);
  await withSession(database.url, 'target', (session) => run(session, model, 'pre-data'));
  await runPsql(database.url, await forServer(rows, database));
  await withSession(database.url, 'target', (session) => run(session, model, 'post-data'));
  return database;
}

/** psql reads a dump file of ours as a person would have it do. */
export async function runPsqlFile(url: string, file: string): Promise<void> {
  const result = await psql(url, ['--quiet', '--output=/dev/null', `--file=${file}`]);
  if (result.code !== 0) throw new Error(`psql: ${result.stderr}`);
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

import { execFile } from 'node:child_process';
import { chmod, copyFile, cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, it } from 'vitest';
import { copyBinaries, packagedBinaries } from '../../src/embedded/binaries.ts';
import { startServer } from '../catalog/servers.ts';
import type { CatalogServer } from '../catalog/servers.ts';
import { clientToolsDirectory } from '../support/client-tools-directory.ts';
import { psql } from '../support/client-tools.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { serverBinaries } from '../support/servers/fetch.ts';
import { modes } from '../harness/environment-pair.ts';
import { debianPackage, postgresSource } from './debian.ts';
import { expectCarried } from './report.ts';

const run = promisify(execFile);

/**
 * The database that PostgreSQL's own regression tests leave behind: thousands of objects made to be difficult. Its C
 * functions come from regress.c, built for each server into its own library folder, so that one name finds both.
 */
describe('the regression database of 15', () => {
  let fifteen: CatalogServer;
  let eighteen: CatalogServer;
  let source: TestDatabase;

  beforeAll(async () => {
    const tree = await scratchDirectory('regress');
    await cp(await postgresSource('postgresql-15', 'src/test/regress'), tree, { recursive: true });
    await mkdir(join(tree, 'results'), { recursive: true });
    // The server reads its data and writes results, and runs as somebody else.
    await run('chmod', ['-R', 'a+rX', tree]);
    await chmod(join(tree, 'results'), 0o777);
    const headers = join(await debianPackage('postgresql-server-dev-15'), 'usr/include/postgresql/15/server');
    const newHeaders = join(await clientToolsDirectory(), '..', 'include', 'server');
    fifteen = await startServer(await withLibrary(serverBinaries(15), headers, tree), settings);
    eighteen = await startServer(await withLibrary(packagedBinaries(), newHeaders, tree), settings);
    source = await fifteen.database('regression');
    const upgraded = await eighteen.database('roles');
    await runTests(source, tree);
    for (const { role } of await source.query<{ role: string }>(
      "SELECT format('CREATE ROLE %I', rolname) AS role FROM pg_roles WHERE rolname LIKE 'regress%'",
    )) {
      await upgraded.query(role);
    }
  });

  // Its plain restore puts inherited columns before a table's own; ours is the same, and the source is not.
  const expected = /^table public\.(?:gtest|test_type_diff)\S* is different/;

  it.each(modes)('comes out as pg_dump would have it: %s', async (mode) => {
    await expectCarried({ source, server: fifteen, mode, expected });
  });

  it('comes out of an 18 as pg_dump would have it', async () => {
    // From 16 on the server refuses these; pg_dump's file fails at them too.
    await source.query('DROP TABLE gtest_normal_child, gtest_normal_child2');
    await expectCarried({ source, server: fifteen, mode: 'in-place', upgradeTo: eighteen, expected });
  });
});

const settings = { max_locks_per_transaction: '1024', wal_level: 'logical' };

/** A copy of a server with regress.so among its libraries. */
async function withLibrary(original: string, headers: string, tree: string): Promise<string> {
  const folder = await scratchDirectory('server');
  await chmod(folder, 0o755);
  await copyBinaries(original, folder);
  // What the headers of 18 no longer bring along by themselves.
  const extras = ['-include', 'postgres.h', '-include', 'utils/array.h'];
  const numbers = ['-DNUM_SPINLOCK_SEMAPHORES=64', '-DNUM_ATOMICS_SEMAPHORES=64'];
  const library = join(folder, 'regress.so');
  const source = join(tree, 'regress.c');
  await run('cc', ['-shared', '-fPIC', '-w', ...extras, ...numbers, '-I', headers, '-o', library, source]);
  await copyFile(library, join(folder, 'lib', 'postgresql', 'regress.so'));
  return folder;
}

/**
 * The tests in their order, one after the other. That many of them "fail" against their expected output is no matter.
 */
async function runTests(database: TestDatabase, tree: string): Promise<void> {
  const schedule = await readFile(join(tree, 'parallel_schedule'), 'utf8');
  const tests = schedule
    .split('\n')
    .filter((line) => line.startsWith('test:'))
    .flatMap((line) => line.slice('test:'.length).trim().split(/\s+/));
  await database.query(
    `ALTER DATABASE "${database.name}" SET lc_messages = 'C'; ALTER DATABASE "${database.name}" SET timezone_abbreviations = 'Default'`,
  );
  const env = {
    PG_ABS_SRCDIR: tree,
    PG_ABS_BUILDDIR: tree,
    PG_LIBDIR: '$libdir',
    PG_DLSUFFIX: '.so',
    PGTZ: 'PST8PDT',
    PGDATESTYLE: 'Postgres, MDY',
    PGOPTIONS: '-c intervalstyle=postgres_verbose',
  };
  const options = [
    '--quiet',
    '--set=ON_ERROR_STOP=0',
    '--set=HIDE_TABLEAM=on',
    '--set=HIDE_TOAST_COMPRESSION=on',
  ];
  for (const test of tests) {
    await psql(database.url, [...options, `--file=${join(tree, 'sql', `${test}.sql`)}`], { env });
  }
}

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { oneOfEverything } from '../catalog/fixtures.ts';
import { dumpedEntries, fixtureDatabase, restoredByPgDump, runPsqlPastErrors } from '../catalog/oracle.ts';
import { sharedServer } from '../catalog/servers.ts';
import { lacks } from '../support/lacks.ts';
import { testDatabase } from '../support/postgres.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { dumped, restoredFrom } from './run.ts';

/** Together every option of pg_dump that changes what a whole plain dump looks like. */
const variants: readonly (readonly string[])[] = [
  [],
  [
    '--inserts',
    '--rows-per-insert=3',
    '--on-conflict-do-nothing',
    '--clean',
    '--if-exists',
    '--quote-all-identifiers',
  ],
  ['--column-inserts', '--clean', '--enable-row-security'],
  ['--create', '--clean', '--verbose', '--statistics', '--load-via-partition-root'],
];

const filledViews =
  'SELECT schemaname, matviewname, ispopulated FROM pg_matviews ORDER BY schemaname, matviewname';

/** Every kind of object in a foreign file: our import makes what psql makes of pg_dump's plainest file. */
describe.skipIf(lacks('client-tools')).each(oneOfEverything)('%s', (fixture) => {
  let source: TestDatabase;
  let reference: TestDatabase;
  let expected: readonly string[];

  beforeAll(async () => {
    source = await fixtureDatabase(fixture, {
      owner: await sharedServer.role('owner'),
      reader: await sharedServer.role('reader'),
      writer: await sharedServer.role('writer'),
    });
    reference = await restoredByPgDump(source);
    expected = await dumpedEntries(reference.url);
  });

  afterAll(async () => {
    for (const database of [source, reference]) await database?.drop();
  });

  test.each(variants.map((args) => [args.join(' '), args] as const))('pg_dump %s', async (_options, args) => {
    const dump = await dumped(source.url, args);
    const ours = await testDatabase('ours');
    await restoredFrom(ours.url, dump);
    expect(await dumpedEntries(ours.url)).toEqual(await expectedOf(args, dump));
    expect(await ours.query(filledViews)).toEqual(await reference.query(filledViews));
    await ours.drop();
  });

  /** With all names quoted pg_dump 18.6 forgets that a schema public has lost its comment. */
  async function expectedOf(args: readonly string[], dump: string): Promise<readonly string[]> {
    if (!args.includes('--quote-all-identifiers')) return expected;
    const theirs = await testDatabase('psql');
    // What `--clean` drops is not there, and not every DROP of pg_dump's is content with that.
    const errors = await runPsqlPastErrors(theirs.url, dump);
    expect(errors.filter((error) => !error.endsWith(' does not exist'))).toEqual([]);
    const entries = await dumpedEntries(theirs.url);
    await theirs.drop();
    return entries;
  }
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { oneOfEverything } from '../catalog/fixtures.ts';
import { dumpedEntries, restoredByPgDump, runPsqlPastErrors } from '../catalog/oracle.ts';
import { differences } from '../catalog/oracle/differences.ts';
import { packs } from '../catalog/packs.ts';
import type { Pack } from '../catalog/packs.ts';
import { sharedServer } from '../catalog/servers.ts';
import { lacks } from '../support/lacks.ts';
import { testDatabase } from '../support/postgres.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { dumped, restoredFrom } from './run.ts';

/**
 * Together every option of pg_dump that changes what a whole plain dump looks like. The last one holds what a dump
 * without options does.
 */
const variants: readonly (readonly string[])[] = [
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

/** Several fixtures in one database, and what pg_dump makes of it. */
interface Source extends Pack {
  readonly reference: TestDatabase;
  readonly expected: readonly string[];
}

const filledViews =
  'SELECT schemaname, matviewname, ispopulated FROM pg_matviews ORDER BY schemaname, matviewname';

/** Every kind of object in a foreign file: our import makes what psql makes of pg_dump's plainest file. */
describe.skipIf(lacks('client-tools'))('a plain file of every kind of object', () => {
  let sources: readonly Source[];

  beforeAll(async () => {
    const roles = {
      owner: await sharedServer.role('owner'),
      reader: await sharedServer.role('reader'),
      writer: await sharedServer.role('writer'),
    };
    sources = await Promise.all(
      (await packs(oneOfEverything, roles, sharedServer)).map(async ({ database, fixtures }) => {
        const reference = await restoredByPgDump(database);
        return { database, fixtures, reference, expected: await dumpedEntries(reference.url) };
      }),
    );
  });

  afterAll(async () => {
    for (const { database, reference } of sources)
      for (const each of [database, reference]) await each.drop();
  });

  test.each(variants.map((args) => [args.join(' '), args] as const))(
    'pg_dump %s',
    async (_options, args) => {
      for (const source of sources) {
        const dump = await dumped(source.database.url, args);
        const ours = await testDatabase('ours');
        await restoredFrom(ours.url, dump);
        const [actual, expected] = [await dumpedEntries(ours.url), await expectedOf(source, args, dump)];
        expect(differences(expected, actual), source.fixtures.join(', ')).toEqual([]);
        expect(await ours.query(filledViews)).toEqual(await source.reference.query(filledViews));
        await ours.drop();
      }
    },
    180_000,
  );

  /** With all names quoted pg_dump 18.6 forgets that a schema public has lost its comment. */
  async function expectedOf(
    { expected }: Source,
    args: readonly string[],
    dump: string,
  ): Promise<readonly string[]> {
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

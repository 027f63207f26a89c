import { describe, expect, test } from 'vitest';
import { startServer } from '../../catalog/servers.ts';
import { otherMajors } from '../../support/other-majors.ts';
import { serverUrl, testDatabase } from '../../support/postgres.ts';
import { queryOnce } from '../../support/postgres-connection.ts';
import { createBench, expectEqual } from '../../harness/environment-pair.ts';
import type { BenchDatabase } from '../../harness/environment-pair.ts';
import { everyTypeSql } from '../../harness/every-type.ts';

/** Settings that change how the server reads or writes values, or what statements mean. */
const settings: Readonly<Record<string, string>> = {
  TimeZone: `'America/St_Johns'`,
  DateStyle: `'SQL, DMY'`,
  IntervalStyle: `'sql_standard'`,
  extra_float_digits: '-5',
  bytea_output: `'escape'`,
  xmlbinary: `'hex'`,
  xmloption: `'document'`,
  lc_monetary: `'C.UTF-8'`,
  lc_numeric: `'C.UTF-8'`,
  array_nulls: 'off',
  transform_null_equals: 'on',
  backslash_quote: 'off',
  standard_conforming_strings: 'off',
  escape_string_warning: 'off',
  quote_all_identifiers: 'on',
  search_path: 'pg_catalog, nowhere',
  default_text_search_config: `'pg_catalog.german'`,
  default_transaction_read_only: 'on',
  default_transaction_isolation: `'serializable'`,
  default_transaction_deferrable: 'on',
  session_replication_role: `'replica'`,
  check_function_bodies: 'on',
  row_security: 'off',
  statement_timeout: `'10s'`,
  lock_timeout: `'10s'`,
  idle_in_transaction_session_timeout: `'10s'`,
  client_min_messages: `'debug1'`,
  client_encoding: `'LATIN1'`,
  plan_cache_mode: `'force_generic_plan'`,
  enable_seqscan: 'off',
  default_statistics_target: '1',
  synchronize_seqscans: 'on',
};

/** From outside: under these settings the database itself refuses to be altered. */
async function odd(database: BenchDatabase): Promise<void> {
  const statements = Object.entries(settings).map(
    ([name, value]) => `ALTER DATABASE "${database.name}" SET ${name} = ${value}`,
  );
  await queryOnce(serverUrl(), statements.join(';\n'));
}

const tables = String.raw`CREATE TABLE rules (id int PRIMARY KEY, a text[] CHECK (a[1] = NULL OR true), ö text DEFAULT 'ö\n'); INSERT INTO rules VALUES (1, '{NULL,"NULL",null}', '\'), (2, NULL, '''');
  CREATE VIEW nothing AS SELECT id FROM rules WHERE a = NULL;`;

test.each([
  ['the source', true, false, 'replace'],
  ['the target', false, true, 'in-place'],
  ['both', true, true, 'in-place'],
] as const)('odd settings of %s change nothing', async (_, inSource, inTarget, mode) => {
  const bench = await createBench();
  await bench.source.query(tables);
  await bench.source.query(everyTypeSql('public.every_type'));
  if (inSource) await odd(bench.source);
  if (inTarget) await odd(bench.target);
  await bench.sync(mode);
  await expectEqual(bench);
  const value = `SELECT array_to_string(a, ',', '*') AS a, ö FROM public.rules ORDER BY id`;
  await queryOnce(serverUrl(), `ALTER DATABASE "${bench.target.name}" RESET ALL`);
  expect(await bench.target.query(value)).toEqual([
    { a: '*,NULL,*', ö: '\\' },
    { a: null, ö: "'" },
  ]);
});

// The majors between agree too: digest.matrix.test.ts.
describe('the oldest and the newest server', () => {
  const oldest = otherMajors().filter(({ major }) => major === 13);

  test.each(oldest)('agree on every digest, up and down again', async ({ major, binaries }) => {
    const server = await startServer(binaries);
    const older = await server.database('older');
    const fresh = await testDatabase('fresh');
    for (const database of [older, fresh]) await database.query(everyTypeSql('public.every_type', major));
    const up = await createBench({ source: older, target: fresh });
    expect((await up.verify()).tables).toMatchObject([{ table: 'public.every_type', equal: true }]);
    const receipt = await up.sync('replace');
    const down = await createBench({ source: fresh, target: await server.database('back') });
    const returned = await down.sync('replace');
    await expectEqual(down);
    const digests = ({ tables: found }: typeof receipt) => found.map(({ table, digest }) => [table, digest]);
    expect(digests(returned)).toEqual(digests(receipt));
  });
});

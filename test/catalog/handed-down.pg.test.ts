import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { otherMajors } from '../support/other-majors.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { createBench, expectEqual } from '../harness/environment-pair.ts';
import type { Bench } from '../harness/environment-pair.ts';
import { runPsqlFile } from './oracle.ts';
import { sharedServer, startServer } from './servers.ts';
import type { CatalogServer } from './servers.ts';

/** Schema and statements of each case that a server of this major understands. */
function casesFor(major: number): readonly string[] {
  const file = readFileSync(new URL('handed-down.sql', import.meta.url), 'utf8');
  const cases = file.split(/^-- case \[>= /m).slice(1);
  return cases.flatMap((text) => {
    const [, since, name = '', statements = ''] = /^(\d+)\] ([^\n]*)\n(.*)$/s.exec(text) ?? [];
    if (Number(since) > major) return [];
    return [`CREATE SCHEMA "${name}"; SET search_path = "${name}", public; ${statements.trim()}`];
  });
}

/**
 * What is said of constraints, indexes, triggers and columns of each table, those that came down from another included.
 * An index's constraint says NO INHERIT or not by how it came to be, which means nothing.
 */
const factsSql = `
SELECT concat_ws(' ', 'constraint', conrelid::regclass, contype, conname, pg_get_constraintdef(k.oid), 'valid', convalidated,
    'local', conislocal, coninhcount, 'parent', (SELECT q.conname FROM pg_constraint AS q WHERE q.oid = k.conparentid),
    CASE WHEN contype IN ('c', 'n') THEN connoinherit END, 'comment', obj_description(k.oid, 'pg_constraint')) AS fact
FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = conrelid
WHERE connamespace::regnamespace::text LIKE '"%' AND contype <> 't'
UNION ALL
SELECT concat_ws(' ', 'index', pg_get_indexdef(indexrelid), 'valid', indisvalid,
    'parent', (SELECT inhparent::regclass FROM pg_inherits WHERE inhrelid = indexrelid))
FROM pg_index JOIN pg_class AS c ON c.oid = indrelid WHERE relnamespace::regnamespace::text LIKE '"%'
UNION ALL
SELECT concat_ws(' ', 'trigger', tgenabled, pg_get_triggerdef(t.oid), 'comment', obj_description(t.oid, 'pg_trigger'))
FROM pg_trigger AS t WHERE NOT tgisinternal OR tgparentid <> 0 AND tgconstraint = 0
UNION ALL
SELECT concat_ws(' ', 'column', attrelid::regclass, attname, 'not null', attnotnull, 'local', attislocal, attinhcount)
FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid
WHERE attnum > 0 AND relkind IN ('r', 'p') AND relnamespace::regnamespace::text LIKE '"%'
ORDER BY 1`;

async function facts(database: Pick<TestDatabase, 'query'>): Promise<readonly string[]> {
  const rows = await database.query<{ fact: string }>(factsSql);
  return rows.map(({ fact }) => fact);
}

const servers: readonly { readonly major: number; start(): Promise<CatalogServer> }[] = [
  { major: 18, start: async () => sharedServer },
  ...otherMajors()
    .filter(({ major }) => major === 13)
    .map(({ major, binaries }) => ({ major, start: () => startServer(binaries) })),
];

describe.each(servers)('what tables hand down on $major', (of) => {
  const { major } = of;
  let server: CatalogServer;
  let bench: Bench;

  beforeAll(async () => {
    server = await of.start();
    const [source, target] = [await server.database('above'), await server.database('below')];
    bench = await createBench({ source, target });
    await source.query(`CREATE EXTENSION btree_gist; ${casesFor(major).join('\n')}`);
  });

  test('arrives as it is on every table, in a new database and in place', async () => {
    const wanted = await facts(bench.source);
    expect(wanted.length).toBeGreaterThan(major < 18 ? 80 : 180);
    await bench.sync('replace');
    expect(await facts(bench.target)).toEqual(wanted);
    await bench.sync('in-place');
    expect(await facts(bench.target)).toEqual(wanted);
    await expectEqual(bench);
  });

  test('arrives by psql with the exported file', async () => {
    const file = join(bench.directory, 'handed-down.sql');
    await bench.export({ output: file, compression: 'none' });
    const copy = await server.database('copy');
    await runPsqlFile(copy.url, file);
    expect(await facts(copy)).toEqual(await facts(bench.source));
  });

  test('is compared: what was validated on one table alone makes a difference', async () => {
    await bench.target.query(`ALTER TABLE "check: child validated".p VALIDATE CONSTRAINT k`);
    if (major >= 18)
      await bench.target.query(`ALTER TABLE "foreign key: partition validated".p VALIDATE CONSTRAINT f`);
    const { equal, differences } = await bench.verify();
    const names = differences.map(({ name }) => name).join('; ');
    const wanted = major >= 18 ? /check constraint k .*foreign key f / : /check constraint k /;
    expect([equal, names]).toEqual([false, expect.stringMatching(wanted)]);
  });
});

test('an exclusion constraint that only some partitions have is named, and may be left out', async () => {
  const bench = await createBench();
  await bench.source.query(
    `CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE c PARTITION OF p FOR VALUES IN (1);
     ALTER TABLE ONLY p ADD CONSTRAINT x EXCLUDE USING btree (a WITH =); CREATE TABLE d PARTITION OF p FOR VALUES IN (2)`,
  );
  await expect(bench.sync('replace')).rejects.toMatchObject({
    code: 'SOURCE_OBJECT_UNSUPPORTED',
    message: expect.stringContaining('exclusion constraint x on public.p') as string,
  });
  const names = ['x on public.p', 'd_a_excl on public.d'].map((name) => `exclusion constraint ${name}`);
  await bench.sync('replace', { leaveOut: names });
  expect(await bench.target.query(`SELECT conname FROM pg_constraint WHERE contype = 'x'`)).toEqual([]);
});

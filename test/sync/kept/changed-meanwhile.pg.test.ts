import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { JobEvent, StepId } from '../../../src/progress/progress.ts';
import { connected } from '../../harness/applications.ts';
import { clientToolsDirectory } from '../../support/client-tools-directory.ts';
import { atStep, createBench, modes, rowsOf } from '../../harness/environment-pair.ts';
import { partsAndProfiles } from '../../harness/parts-and-profiles.ts';
import type { BenchDatabase, Mode } from '../../harness/environment-pair.ts';
import { failure } from '../../harness/failure.ts';

/** Runs SQL in another process when a step begins; the run stands still meanwhile. */
async function during(
  step: StepId,
  database: BenchDatabase,
  sql: string,
): Promise<(event: JobEvent) => void> {
  const psql = join(await clientToolsDirectory(), 'psql');
  return atStep(step, () => {
    const { status, stderr } = spawnSync(
      psql,
      [`--dbname=${database.url}`, '--no-psqlrc', '--set=ON_ERROR_STOP=1', '--command', sql],
      { encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(stderr);
  });
}

/** When the plan is made already and the target is not locked yet. */
const late: Readonly<Record<Mode, StepId>> = { replace: 'load', 'in-place': 'prepare' };

describe.each(modes)('a migration of the target during the run, %s', (mode) => {
  test('of kept or excluded tables, old or new: the run fails, names each, and nothing is lost', async () => {
    const bench = await partsAndProfiles();
    const onEvent = await during(
      late[mode],
      bench.target,
      `ALTER TABLE "Profile" ADD COLUMN age int; UPDATE "Profile" SET age = 33; ALTER TABLE "Mine" ADD COLUMN age int DEFAULT 33;
       CREATE TABLE "ProfilePicture" AS SELECT 1 AS id`,
    );
    const error = await failure(bench.sync(mode, {}, { onEvent }));
    expect([error.code, error.message]).toEqual([
      'TARGET_KEPT_TABLE',
      expect.stringMatching(
        /public\.Mine, public\.Profile, public\.ProfilePicture.*changed during the run.*run again/i,
      ),
    ]);
    const rows = ['"Profile"', '"Mine"', '"ProfilePicture"', '"Part"'].map((table) =>
      rowsOf(bench.target, table),
    );
    expect(await Promise.all(rows)).toEqual([['(1,Ann,33)'], ['(1,33)'], ['(1)'], ['(1,old)']]);
  });

  test('kept rows that are written meanwhile are no obstacle', async () => {
    const bench = await partsAndProfiles();
    const onEvent = await during(late[mode], bench.target, `INSERT INTO "Profile" VALUES (2, 'Bob')`);
    await bench.sync(mode, {}, { onEvent });
    expect(await rowsOf(bench.target, '"Profile"')).toEqual(['(1,Ann)', '(2,Bob)']);
    expect(await rowsOf(bench.target, '"Part"')).toEqual(['(1,new)']);
  });

  test('the policy keeps a table that neither side had when the run began', async () => {
    const bench = await createBench({ policies: { Later: 'preserve' } });
    const onEvent = await during(late[mode], bench.target, 'CREATE TABLE "Later" AS SELECT 1 AS id');
    const error = await failure(bench.sync(mode, {}, { onEvent }));
    expect([error.code, await rowsOf(bench.target, '"Later"')]).toEqual(['TARGET_KEPT_TABLE', ['(1)']]);
  });
});

describe('in place, what is written after the safety copy', () => {
  const copied = `CREATE TABLE changed (name text); INSERT INTO changed VALUES ('old'); CREATE TABLE wider (id int); INSERT INTO wider VALUES (1);
    CREATE TABLE traded AS SELECT 1 AS id; CREATE TABLE committed AS SELECT 1 AS id; CREATE TABLE filled AS SELECT 1 AS id, 'old' AS name;
    CREATE TABLE one AS SELECT 1 AS id; CREATE TABLE two AS SELECT 2 AS id; CREATE TABLE told (of regclass); INSERT INTO told VALUES ('one');
    CREATE TABLE whole AS SELECT 1 AS id;`;

  test('rows, changed rows, columns, tables: the run fails, names each, and nothing is lost', async () => {
    const bench = await partsAndProfiles();
    await bench.target.query(copied);
    // Begun before the copy's snapshot, committed after it.
    const holder = await connected(bench.target.url);
    await holder.query('BEGIN; UPDATE committed SET id = id');
    await holder.query('SAVEPOINT s; UPDATE committed SET id = 2; RELEASE SAVEPOINT s');
    const write = await during(
      'prepare',
      bench.target,
      `INSERT INTO "Part" VALUES (2, 'later'); UPDATE changed SET name = 'later'; ALTER TABLE wider ADD COLUMN later int DEFAULT 5;
       CREATE TABLE later AS SELECT 1 AS id; INSERT INTO traded VALUES (2); DELETE FROM traded WHERE id = 1;
       ALTER TABLE filled DROP COLUMN name; ALTER TABLE filled ADD COLUMN name text DEFAULT 'new'; ALTER TABLE filled ALTER COLUMN name DROP DEFAULT;
       ALTER TABLE one RENAME TO three; ALTER TABLE two RENAME TO one; ALTER TABLE three RENAME TO two;`,
    );
    const commits: Promise<unknown>[] = [];
    const onEvent = (event: JobEvent): void => {
      write(event);
      commit(event);
    };
    const commit = atStep('prepare', () => commits.push(holder.query('COMMIT')));
    const error = await failure(bench.sync('in-place', {}, { onEvent }));
    await Promise.all(commits);
    expect([error.code, error.category]).toEqual(['CONFLICT_TARGET_CHANGED', 'conflict']);
    expect((error.details['tables'] as readonly string[]).toSorted()).toEqual([
      'public.Part',
      'public.changed',
      'public.committed',
      'public.filled',
      'public.later',
      'public.one',
      'public.told',
      'public.traded',
      'public.two',
      'public.wider',
    ]);
    const rows = ['"Part"', 'changed', 'wider', 'later', '"Profile"'].map((table) =>
      rowsOf(bench.target, table),
    );
    expect(await Promise.all(rows)).toEqual([
      ['(1,old)', '(2,later)'],
      ['(later)'],
      ['(1,5)'],
      ['(1)'],
      ['(1,Ann)'],
    ]);
    await bench.sync('in-place');
    expect(await rowsOf(bench.target, '"Part"')).toEqual(['(1,new)']);
  });

  test('a view: the run fails and names it', async () => {
    const bench = await partsAndProfiles();
    const onEvent = await during('prepare', bench.target, 'CREATE VIEW later AS SELECT 1 AS id');
    const error = await failure(bench.sync('in-place', {}, { onEvent }));
    expect([error.code, error.message]).toEqual([
      'CONFLICT_TARGET_CHANGED',
      expect.stringContaining('view public.later'),
    ]);
    expect(await rowsOf(bench.target, 'later')).toEqual(['(1)']);
  });

  test('tables are locked before they are compared; partitions, generated columns and odd types are equal', async () => {
    const bench = await partsAndProfiles();
    await bench.target.query(
      `CREATE TYPE mood AS ENUM ('a', 'b'); CREATE TABLE odd (m mood, x float8, twice int GENERATED ALWAYS AS (3) STORED) PARTITION BY HASH (m);
       CREATE TABLE odd_0 PARTITION OF odd FOR VALUES WITH (MODULUS 2, REMAINDER 0); CREATE TABLE odd_1 PARTITION OF odd FOR VALUES WITH (MODULUS 2, REMAINDER 1);
       INSERT INTO odd VALUES ('a', 0.1), ('b', 'NaN')`,
    );
    let locked: unknown;
    const psql = join(await clientToolsDirectory(), 'psql');
    const onEvent = atStep('load', () => {
      const sql = `SELECT relation::regclass FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation = '"Mine"'::regclass`;
      locked = spawnSync(psql, [`--dbname=${bench.target.url}`, '--no-psqlrc', '-tAc', sql], {
        encoding: 'utf8',
      }).stdout.trim();
    });
    await bench.sync('in-place', {}, { onEvent });
    expect(locked).toBe('"Mine"');
    expect(await rowsOf(bench.target, '"Part"')).toEqual(['(1,new)']);
  });
});

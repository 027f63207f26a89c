import { beforeAll, describe, expect, test } from 'vitest';
import { planSync } from '../../../src/sync/verbs/plan.ts';
import { psql } from '../../support/client-tools.ts';
import { lacks } from '../../support/lacks.ts';
import { testDatabase, testRole } from '../../support/postgres.ts';
import { createBench, failsAndChangesNothing, modes } from '../../harness/environment-pair.ts';
import type { Bench, BenchDatabase, BenchOptions } from '../../harness/environment-pair.ts';
import { failure } from '../../harness/failure.ts';

let owner: string;
let reader: string;

beforeAll(async () => {
  // Names that need quoting, and would end a statement where they were not quoted.
  owner = (await testRole()).name;
  reader = (await testRole()).name;
});

/**
 * One object of each kind: empty, at the ends of the range, as long as a chunk, longer, with holes, ending in zeros.
 */
const objects = (): string => String.raw`
  SELECT lo_create(42), lo_create(4294967295);
  SELECT lo_from_bytea(70001, '\x00ff5c0a275c2e0d00'), lo_from_bytea(70002, decode(repeat('61', 262144), 'hex'));
  SELECT lo_from_bytea(70003, (SELECT string_agg(sha256(g::text::bytea), ''::bytea ORDER BY g) FROM generate_series(1, 40000) AS g));
  SELECT lo_create(70004); SELECT lo_put(70004, 3000000, '\x01');
  SELECT lo_from_bytea(70005, '\x01'); SELECT lo_truncate64(lo_open(70005, 131072), 1000001);
  SELECT lo_create(70006); SELECT lo_put(70006, 262144, '\x02'); SELECT lo_put(70006, 524288, decode(repeat('00', 262144), 'hex')); SELECT lo_put(70006, 786432, '\x03');
  SELECT lo_from_bytea(70007, 'owned'), lo_from_bytea(70008, 'granted'), lo_from_bytea(70009, 'nobody''s');
  ALTER LARGE OBJECT 70007 OWNER TO "${owner}"; ALTER LARGE OBJECT 70003 OWNER TO "${owner}";
  GRANT SELECT ON LARGE OBJECT 70008, 70001 TO "${reader}" WITH GRANT OPTION; GRANT UPDATE ON LARGE OBJECT 70008 TO PUBLIC;
  SET ROLE "${reader}"; GRANT SELECT ON LARGE OBJECT 70008 TO "${owner}"; RESET ROLE;
  REVOKE ALL ON LARGE OBJECT 70009 FROM CURRENT_USER; GRANT ALL ON LARGE OBJECT 70007 TO "${owner}", "${reader}";
  COMMENT ON LARGE OBJECT 42 IS E'it''s\n\\! empty %'; COMMENT ON LARGE OBJECT 70003 IS 'é🧩';
  CREATE TABLE "Part" (id int PRIMARY KEY, image oid, first bytea GENERATED ALWAYS AS ('\x00') STORED); INSERT INTO "Part" VALUES (1, 70003)`;

/** Everything a large object has, read as a superuser may: from the catalogs. */
async function state(database: Pick<BenchDatabase, 'query'>): Promise<unknown> {
  return database.query(
    `SELECT m.oid::int8::text AS oid, pg_get_userbyid(m.lomowner) AS owner, obj_description(m.oid, 'pg_largeobject') AS comment,
       ARRAY(SELECT i::text FROM unnest(COALESCE(m.lomacl, acldefault('L', m.lomowner))) AS i ORDER BY 1) AS privileges,
       encode(sha256(lo_get(m.oid)), 'hex') AS contents, length(lo_get(m.oid)) AS size
     FROM pg_largeobject_metadata AS m ORDER BY m.oid::int8`,
  );
}

async function objectBench(options: BenchOptions = {}): Promise<Bench> {
  const bench = await createBench(options);
  await bench.source.query(objects());
  return bench;
}

const theirs = String.raw`SELECT lo_from_bytea(42, 'theirs'), lo_from_bytea(70003, '\x01'), lo_create(90000);
  COMMENT ON LARGE OBJECT 90000 IS 'theirs';`;

describe.each(modes)('large objects, %s', (mode) => {
  test('come with number, contents, owner, grants and comment; the target’s go, and come back with an undo', async () => {
    const bench = await objectBench();
    await bench.target.query(theirs);
    const before = await state(bench.target);
    const wanted = await state(bench.source);
    const receipt = await bench.sync(mode);
    expect(await state(bench.target)).toEqual(wanted);
    expect(receipt.largeObjects).toMatchObject({ objects: 11, content: 'source', equal: true });
    expect(receipt.largeObjects?.bytes).toBe(
      9 + 262144 + 40000 * 32 + 3000001 + 1000001 + 786433 + 5 + 7 + 8,
    );
    expect((await bench.verify()).differences).toEqual([]);
    await bench.target.query('SELECT lo_unlink(oid) FROM pg_largeobject_metadata WHERE oid = 70001');
    expect((await bench.verify()).differences).toEqual([
      {
        kind: 'object',
        name: 'large objects',
        difference: expect.stringMatching(
          /^11 and 10 objects, \d+ and \d+ bytes, contents, owners, privileges$/,
        ),
      },
    ]);
    // Once more onto what is there now.
    const second = await bench.sync(mode);
    expect(await state(bench.target)).toEqual(wanted);
    for (const { jobId } of [second, receipt]) await bench.rollback(jobId);
    expect(await state(bench.target)).toEqual(before);
  });

  test('a policy keeps the target’s, and an undo does not take back what was written since', async () => {
    const bench = await objectBench({ policies: { 'pg_catalog.pg_largeobject': 'preserve' } });
    await bench.target.query(theirs);
    const before = await state(bench.target);
    const receipt = await bench.sync(mode);
    expect(await state(bench.target)).toEqual(before);
    expect(receipt.largeObjects).toMatchObject({ objects: 3, content: 'kept' });
    await bench.target.query(`SELECT lo_put(42, 3, 'changed'), lo_create(90001), lo_unlink(90000)`);
    const since = await state(bench.target);
    await bench.rollback(receipt.jobId);
    expect(await state(bench.target)).toEqual(since);
  });
});

describe('large objects', () => {
  test('a target without any gets none from a source without any', async () => {
    const bench = await createBench();
    const receipt = await bench.sync('replace');
    expect(receipt.largeObjects).toBeNull();
  });

  test('a policy leaves them out', async () => {
    const bench = await objectBench({ policies: { 'pg_catalog.*': 'truncate' } });
    await bench.target.query(theirs);
    const receipt = await bench.sync('in-place');
    expect(await state(bench.target)).toEqual([]);
    expect(receipt.largeObjects).toMatchObject({ objects: 0, content: 'empty' });
  });

  test('without owners and privileges they belong to whoever loads them', async () => {
    const bench = await objectBench();
    await bench.sync('replace', { owners: false, privileges: false });
    const found = (await state(bench.target)) as { owner: string; privileges: string[] }[];
    expect(new Set(found.map((object) => object.owner)).size).toBe(1);
    expect(new Set(found.map(({ privileges }) => privileges.join())).size).toBe(1);
  });

  test('owners and grantees by other names', async () => {
    const other = (await testRole()).name;
    const bench = await objectBench();
    await bench.sync('in-place', { roles: { [owner]: other } });
    const expected = JSON.stringify(await state(bench.source)).replaceAll(owner, other);
    const names = (text: string): unknown =>
      (JSON.parse(text) as { privileges: string[] }[]).map((object) => ({
        ...object,
        privileges: object.privileges.toSorted(),
      }));
    expect(names(JSON.stringify(await state(bench.target)))).toEqual(names(expected));
  });

  test.skipIf(lacks('client-tools'))('a dump holds them, for this tool and for psql', async () => {
    const bench = await objectBench();
    const { dump } = await bench.export({ compression: 'none' });
    await bench.import({ id: dump?.dumpId ?? '' }, 'in-place');
    expect(await state(bench.target)).toEqual(await state(bench.source));
    const restored = await testDatabase('restored');
    const { stderr } = await psql(restored.url, [
      '--quiet',
      '--output=/dev/null',
      `--file=${dump?.file ?? ''}`,
    ]);
    expect(stderr).toBe('');
    expect(await state(restored)).toEqual(await state(bench.source));
  });

  test('thousands of small ones, of several owners', async () => {
    const bench = await createBench();
    await bench.source.query(
      `SELECT lo_from_bytea((100000 + g)::oid, convert_to('object ' || g, 'UTF8')) FROM generate_series(1, 2500) AS g;
       GRANT SELECT ON LARGE OBJECT ${Array.from({ length: 2500 }, (_, index) => 100001 + index).join(', ')} TO "${reader}"`,
    );
    await bench.source.query(
      `SET ROLE "${owner}"; SELECT lo_from_bytea((200000 + g)::oid, '') FROM generate_series(1, 1200) AS g; RESET ROLE`,
    );
    const receipt = await bench.sync('in-place');
    expect(receipt.largeObjects?.objects).toBe(3700);
    expect(await state(bench.target)).toEqual(await state(bench.source));
  });
});

test('a plan says what becomes of them', async () => {
  const bench = await objectBench();
  await bench.target.query(theirs);
  for (const [policy, action] of [
    ['sync', 'copy'],
    ['preserve', 'keep'],
    ['truncate', 'empty'],
  ] as const) {
    const tablePolicies = [{ table: 'pg_catalog.pg_largeobject', policy }];
    const plan = await planSync(
      { config: { ...bench.config, tablePolicies }, now: Date.now },
      { source: 'src', target: 'dst' },
      { signal: new AbortController().signal },
    );
    expect(plan.largeObjects).toMatchObject({ action, sourceObjects: 11, targetObjects: 3 });
  }
});

test('a role that may not read one is told which, before anything is written', async () => {
  const role = await testRole({ attributes: 'BYPASSRLS' });
  const bench = await createBench();
  const url = new URL(bench.source.url);
  [url.username, url.password] = [role.name, role.password];
  await bench.source.query(
    `SELECT lo_create(1001), lo_create(1002), lo_create(1003), lo_create(1004);
     GRANT SELECT ON LARGE OBJECT 1001 TO "${role.name}"; GRANT UPDATE ON LARGE OBJECT 1002 TO "${role.name}"; GRANT SELECT ON LARGE OBJECT 1003 TO PUBLIC`,
  );
  const limited = await createBench({ source: { ...bench.source, url: url.href }, target: bench.target });
  const error = await failsAndChangesNothing(limited.target, () => limited.sync('replace'));
  expect(error.code).toBe('SOURCE_NOT_READABLE');
  expect(error.message).toBe('This role may not read 2 large object(s): 1002, 1004.');
  await bench.source.query(`GRANT SELECT ON LARGE OBJECT 1002, 1004 TO "${role.name}"`);
  await limited.sync('replace');
  expect(await state(bench.target)).toEqual(await state(bench.source));
});

test('more than one transaction can lock are refused in place, before anything is dropped', async () => {
  const bench = await createBench();
  await bench.target.query('SELECT lo_create((100000 + g)::oid) FROM generate_series(1, 60000) AS g');
  const error = await failure(bench.sync('in-place'));
  expect([error.code, error.hint]).toEqual(['TARGET_LOCKS_FULL', expect.stringContaining('mode replace')]);
  const [count] = await bench.target.query('SELECT count(*)::int FROM pg_largeobject_metadata');
  expect(count).toEqual({ count: 60000 });
});

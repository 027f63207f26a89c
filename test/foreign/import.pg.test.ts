import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { dumpedEntries, runPsql } from '../catalog/oracle.ts';
import type { JobEvent } from '../../src/progress/progress.ts';
import { lacks } from '../support/lacks.ts';
import { testDatabase, testRole } from '../support/postgres.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { createBench, modes } from '../harness/environment-pair.ts';
import type { Bench } from '../harness/environment-pair.ts';
import { dumped } from './run.ts';

const settings = `SELECT coalesce(r.rolname, '') AS role, c AS setting FROM pg_db_role_setting AS s
  JOIN pg_database AS d ON d.oid = s.setdatabase LEFT JOIN pg_roles AS r ON r.oid = s.setrole, unnest(s.setconfig) AS c
  WHERE d.datname = current_database() ORDER BY 1, 2`;
const grants = `SELECT a.privilege_type, coalesce(g.rolname, 'PUBLIC') AS role FROM pg_database AS d, aclexplode(d.datacl) AS a
  LEFT JOIN pg_roles AS g ON g.oid = a.grantee WHERE d.datname = current_database() AND a.grantee <> d.datdba ORDER BY 1, 2`;
const largeObjects = `SELECT m.oid::text AS oid, md5(lo_get(m.oid)) AS md5, pg_get_userbyid(m.lomowner) AS owner, m.lomacl::text AS acl
  FROM pg_largeobject_metadata AS m ORDER BY 1`;

describe.skipIf(lacks('client-tools'))('a foreign file becomes the target', () => {
  let source: TestDatabase;
  let reference: TestDatabase;
  let owner: string;
  let reader: string;

  beforeAll(async () => {
    // With --use-set-session-authorization an owner makes its schema itself, and must be allowed to.
    owner = (await testRole({ attributes: 'SUPERUSER' })).name;
    reader = (await testRole()).name;
    source = await testDatabase("So' urce");
    const { name } = source;
    await source.query(`
      ALTER DATABASE "${name}" SET work_mem = '5MB'; ALTER DATABASE "${name}" SET search_path = 'a b', public;
      ALTER ROLE "${reader}" IN DATABASE "${name}" SET statement_timeout = '5s';
      REVOKE TEMPORARY ON DATABASE "${name}" FROM PUBLIC; GRANT CREATE, CONNECT ON DATABASE "${name}" TO "${owner}";
      COMMENT ON DATABASE "${name}" IS 'not ours to carry'; ALTER DATABASE "${name}" CONNECTION LIMIT 90;
      GRANT CREATE ON SCHEMA public TO "${owner}"; CREATE SCHEMA app AUTHORIZATION "${owner}";
      SET SESSION AUTHORIZATION "${owner}";
      CREATE TABLE app.t (a integer PRIMARY KEY, v text); INSERT INTO app.t VALUES (1, 'x;');
      CREATE VIEW app.v AS SELECT a, v FROM app.t GROUP BY a;
      GRANT USAGE ON SCHEMA app TO "${reader}"; GRANT SELECT ON app.t TO "${reader}" WITH GRANT OPTION;
      SET SESSION AUTHORIZATION "${reader}"; GRANT SELECT ON app.t TO PUBLIC;
      RESET SESSION AUTHORIZATION;
      SELECT lo_from_bytea(16400, decode(repeat('005c2e0a', 20000), 'hex'));
      ALTER LARGE OBJECT 16400 OWNER TO "${owner}"; GRANT SELECT ON LARGE OBJECT 16400 TO "${reader}";
      COMMENT ON LARGE OBJECT 16400 IS 'content';
      CREATE PUBLICATION p FOR TABLE app.t`);
    reference = await testDatabase('reference');
    await runPsql(reference.url, await dumped(source.url));
  });

  async function benchWith(databaseSettings: 'source' | 'target'): Promise<Bench> {
    return createBench({
      source,
      change: (config) => ({ ...config, sync: { ...config.sync, databaseSettings } }),
    });
  }

  test.each([
    [['--create']],
    [['--create', '--clean', '--if-exists', '--inserts']],
    [['--use-set-session-authorization', '--clean', '--column-inserts']],
  ])('%s', async (options) => {
    const bench = await benchWith('source');
    const file = join(bench.directory, 'dump.sql');
    const dump = await dumped(source.url, options);
    await writeFile(file, dump);
    await bench.target.query(
      `CREATE TABLE mine (); COMMENT ON DATABASE "${bench.target.name}" IS 'its own comment'`,
    );
    await bench.import({ file }, 'replace', { backup: 'kept' });
    expect(await dumpedEntries(bench.target.url)).toEqual(await dumpedEntries(reference.url));
    expect(await bench.target.query(largeObjects)).toEqual(await source.query(largeObjects));
    const says = options.includes('--create');
    expect(await bench.target.query(settings)).toEqual(says ? await source.query(settings) : []);
    if (says) expect(await bench.target.query(grants)).toEqual(await source.query(grants));
    expect(
      await bench.target.query(
        `SELECT shobj_description(oid, 'pg_database') AS comment, datconnlimit AS connections FROM pg_database WHERE datname = current_database()`,
      ),
    ).toEqual([{ comment: 'its own comment', connections: -1 }]);
  });

  test('the target keeps its own settings, unless told otherwise', async () => {
    const bench = await benchWith('target');
    await bench.target.query(`ALTER DATABASE "${bench.target.name}" SET work_mem = '7MB'`);
    const file = join(bench.directory, 'dump.sql');
    await writeFile(file, await dumped(source.url, ['--create']));
    await bench.import({ file }, 'replace', { backup: 'kept' });
    expect(await bench.target.query(settings)).toEqual([{ role: '', setting: 'work_mem=7MB' }]);
  });

  test('without owners and privileges', async () => {
    const bench = await benchWith('target');
    const file = join(bench.directory, 'dump.sql');
    await writeFile(file, await dumped(source.url, ['--create', '--use-set-session-authorization']));
    await bench.import({ file }, 'replace', { backup: 'kept', owners: false, privileges: false });
    const plain = await testDatabase('plain');
    await runPsql(plain.url, await dumped(source.url, ['--no-owner', '--no-privileges']));
    expect(await dumpedEntries(bench.target.url)).toEqual(await dumpedEntries(plain.url));
  });

  test.each(modes)(
    'a part of a database names the tables that go because it lacks them (%s)',
    async (mode) => {
      const bench = await createBench({ source, policies: { lists: 'preserve', 'app.hidden': 'exclude' } });
      const file = join(bench.directory, 'part.sql');
      const common = 'CREATE TABLE t (a integer PRIMARY KEY, v text); CREATE TABLE hidden ()';
      await bench.target.query(
        `CREATE SCHEMA app; SET search_path = app; ${common}; CREATE TABLE "only;" (); RESET search_path;
       CREATE TABLE lists (id integer); CREATE TABLE gone ()`,
      );
      const part = await dumped(source.url, ['-t', 'app.t', '--no-owner', '--no-privileges']);
      await writeFile(file, part.replace('CREATE TABLE app.t', 'CREATE SCHEMA app;\nCREATE TABLE app.t'));
      const { warnings } = await bench.import({ file }, mode);
      expect(warnings).toContain(
        '2 table(s) that only the target has will be dropped, with their rows: app."only;", public.gone.',
      );
      expect(await bench.target.query('SELECT count(*)::int AS n FROM app.t')).toEqual([{ n: 1 }]);
    },
  );

  test('says of which database a secret is left out, once each', async () => {
    const mapping = `CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w;
      CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS (password 'x')`;
    const from = await testDatabase('secret');
    await from.query(mapping);
    const bench = await createBench();
    await bench.target.query(mapping);
    const file = join(bench.directory, 'dump.sql');
    await writeFile(file, await dumped(from.url));
    const said: string[] = [];
    const onEvent = (event: JobEvent): void => {
      if (event.type === 'log' && event.level === 'warn') said.push(event.message);
    };
    const input = { dump: { file }, target: 'dst', confirm: 'dst', mode: 'replace' } as const;
    const { warnings } = await bench.run({ kind: 'import', input }, { onEvent });
    const sentence =
      'options of user mapping for PUBLIC on server s is left out: ' +
      'objects that hold secrets are copied only when asked for (sync.secrets).';
    expect(said.filter((one) => one.includes('user mapping')).sort()).toEqual([
      `Dump: ${sentence}`,
      `Safety copy of "dst": ${sentence}`,
    ]);
    expect(warnings.filter((one) => one.includes('user mapping'))).toEqual([sentence]);
    expect(said).toEqual([...new Set(said)]);
  });

  test('the receipt says what of the file was left out, and what may be missing in it', async () => {
    const bench = await benchWith('target');
    const file = join(bench.directory, 'dump.sql');
    await writeFile(file, await dumped(source.url, ['--schema-only', '--create']));
    const { warnings } = await bench.import({ file }, 'replace', { backup: 'kept', owners: false });
    expect(warnings).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^Left out of the dump: ALTER … OWNER TO \(\d+\)\.$/),
        expect.stringContaining('The dump holds no rows (--schema-only)'),
      ]),
    );
  });
});

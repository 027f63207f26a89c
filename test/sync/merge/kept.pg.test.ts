import { beforeAll, describe, expect, it } from 'vitest';
import type { Receipt } from '../../../src/sync/contract/receipts.ts';
import { atStep, createBench, failsAndChangesNothing } from '../../harness/environment-pair.ts';
import type { Bench } from '../../harness/environment-pair.ts';
import { failure } from '../../harness/failure.ts';
import { testRole } from '../../support/postgres.ts';

const merge = (bench: Bench): Promise<Receipt> =>
  bench.run({ kind: 'sync', input: { source: 'src', target: 'dst', confirm: 'dst', mode: 'merge' } });

const definitions = `
  CREATE TABLE part (id int PRIMARY KEY, name text NOT NULL);
  CREATE TABLE profile (id serial PRIMARY KEY, part int REFERENCES part ON DELETE CASCADE, friend int REFERENCES part ON DELETE SET NULL);
  CREATE TABLE price (id int PRIMARY KEY, part int NOT NULL REFERENCES part, owner int REFERENCES profile);
  CREATE TABLE audit (at timestamptz DEFAULT now(), what text);
  CREATE TABLE gone (id int PRIMARY KEY);
  CREATE SEQUENCE numbers;
  CREATE FUNCTION heard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.audit (what) VALUES (TG_OP); RETURN NULL; END $$;
  CREATE TRIGGER heard AFTER INSERT OR UPDATE OR DELETE ON part FOR EACH ROW EXECUTE FUNCTION heard();
  CREATE RULE quiet AS ON DELETE TO price DO INSTEAD NOTHING;
  CREATE MATERIALIZED VIEW parts AS SELECT count(*) AS n FROM part;
  CREATE UNIQUE INDEX ON parts (n);
`;

let bench: Bench;

/** Everything that is not the source's. */
const own = (): Promise<unknown> =>
  bench.target
    .query(`SELECT (SELECT json_agg(p ORDER BY id) FROM profile AS p) AS profiles, (SELECT json_agg(a) FROM audit AS a) AS audit,
    (SELECT last_value FROM profile_id_seq)`);

beforeAll(async () => {
  bench = await createBench({
    policies: { profile: 'preserve', audit: 'exclude', gone: 'truncate' },
  });
  const rows = `INSERT INTO part SELECT i, 'part ' || i FROM generate_series(1, 2000) AS i;
    INSERT INTO price SELECT i, i, NULL FROM generate_series(1, 500) AS i;`;
  for (const database of [bench.source, bench.target]) {
    await database.query(definitions);
    await database.query(`SET session_replication_role = replica; ${rows}`);
    await database.query('REFRESH MATERIALIZED VIEW parts; ANALYZE');
  }
  await bench.source.query(`SET session_replication_role = replica;
    UPDATE part SET name = 'new' WHERE id % 100 = 0; DELETE FROM part WHERE id > 1990; DELETE FROM price WHERE id = 7;
    INSERT INTO part VALUES (3000, 'more'); UPDATE price SET owner = 1 WHERE id = 3; SELECT setval('numbers', 77)`);
  await bench.target.query(
    `INSERT INTO profile (part, friend) VALUES (1, 1500), (100, NULL); INSERT INTO gone VALUES (1), (2);`,
  );
});

describe('a merge beside rows of people', () => {
  it('touches only rows that differ, lets nothing act, keeps what is kept, and takes it all back', async () => {
    const before = await own();
    const places = (): Promise<{ id: number; place: string }[]> =>
      bench.target.query(`SELECT id, xmin || ' ' || ctid AS place FROM part ORDER BY id`);
    const [was, oldRows] = [await places(), await bench.target.query('SELECT * FROM part ORDER BY id')];
    const receipt = await merge(bench);
    expect(Object.fromEntries(receipt.tables.map(({ table, changed }) => [table, changed]))).toMatchObject({
      'public.part': { inserted: 1, updated: 19, deleted: 10 },
      'public.price': { inserted: 0, updated: 1, deleted: 1 },
      'public.gone': { inserted: 0, updated: 0, deleted: 2 },
    });
    expect(await own()).toEqual(before);
    const now = new Map((await places()).map(({ id, place }) => [id, place]));
    const moved = was.filter(({ id, place }) => now.get(id) !== place).map(({ id }) => id);
    expect(moved).toHaveLength(29);
    expect(
      await bench.target.query(`SELECT n::int, (SELECT last_value::int FROM numbers) AS number FROM parts`),
    ).toEqual([{ n: 1991, number: 77 }]);
    await bench.rollback(receipt.jobId);
    expect(await bench.target.query('SELECT * FROM part ORDER BY id')).toEqual(oldRows);
    expect(
      await bench.target.query(
        `SELECT n::int, (SELECT count(*)::int FROM gone) AS gone, (SELECT last_value::int FROM numbers) AS number FROM parts`,
      ),
    ).toEqual([{ n: 2000, gone: 2, number: 1 }]);
    expect(await own()).toEqual(before);
  });

  it('overwrites nothing that others have changed since, and names it', async () => {
    const receipt = await merge(bench);
    await bench.target.query(`UPDATE part SET name = 'theirs' WHERE id = 100`);
    const steps: string[] = [];
    const error = await failsAndChangesNothing(bench.target, () =>
      bench.rollback(receipt.jobId, { onStep: (step) => steps.push(step) }),
    );
    expect([error.code, error.message]).toEqual([
      'CONFLICT_UNDO_CHANGED',
      expect.stringContaining('1 row(s) of public.part'),
    ]);
    // From this step on, people are told that the target may be changed.
    expect(steps).not.toContain('switch');
    await bench.target.query(
      `UPDATE part SET name = 'new' WHERE id = 100; UPDATE part SET name = 'other' WHERE id = 101`,
    );
    await bench.rollback(receipt.jobId);
    expect(await bench.target.query('SELECT id, name FROM part WHERE id IN (100, 101) ORDER BY id')).toEqual([
      { id: 100, name: 'part 100' },
      { id: 101, name: 'other' },
    ]);
  });

  it('is refused where kept rows would refer to nothing, where definitions differ, and for a dump', async () => {
    await bench.target.query('INSERT INTO profile (id, part) VALUES (90, 1995)');
    expect((await failsAndChangesNothing(bench.target, () => merge(bench))).code).toBe('TARGET_KEPT_TABLE');
    await bench.target.query('DELETE FROM profile WHERE id = 90; ALTER TABLE part ADD extra int');
    const error = await failsAndChangesNothing(bench.target, () => merge(bench));
    expect([error.code, error.message]).toEqual([
      'TARGET_UNSUPPORTED',
      expect.stringContaining('table public.part is different'),
    ]);
    await bench.target.query('ALTER TABLE part DROP extra');
    const dump = { id: '20200101T000000Z-none' };
    const taken = bench.run({
      kind: 'import',
      input: { dump, target: 'dst', confirm: 'dst', mode: 'merge' },
    });
    expect((await failure(taken)).code).toBe('USAGE_INVALID');
  });

  it('and somebody who refers to a vanishing row at that moment are never both right', async () => {
    let inserting: Promise<boolean> | undefined;
    const merging = bench.sync(
      'merge',
      {},
      {
        onEvent: atStep('load', () => {
          inserting = bench.target.query('INSERT INTO profile (id, part) VALUES (91, 1996)').then(
            () => true,
            () => false,
          );
        }),
      },
    );
    const merged = await merging.then(
      () => true,
      ({ code }: { readonly code: string }) => code,
    );
    const inserted = await inserting;
    expect([
      [true, false],
      ['TARGET_KEPT_TABLE', true],
    ]).toContainEqual([merged, inserted]);
    await bench.target.query('DELETE FROM profile WHERE id = 91');
  });

  it('works without a superuser as soon as the role may keep triggers from acting, and says so before', async () => {
    const role = await testRole();
    await bench.target.query(`DO $$ DECLARE r record; BEGIN
      FOR r IN SELECT oid::regclass AS rel, relkind FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'm') LOOP
        EXECUTE format('ALTER %s %s OWNER TO ${role.name}', CASE r.relkind WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END, r.rel); END LOOP;
      ALTER SEQUENCE numbers OWNER TO ${role.name}; GRANT USAGE ON SCHEMA public TO ${role.name};
      EXECUTE format('GRANT CREATE ON DATABASE %I TO ${role.name}', current_database()); END $$`);
    const url = new URL(bench.target.url);
    [url.username, url.password] = [role.name, role.password];
    const ordinary = bench.with({
      DST_DATABASE_URL: url.href,
      SYNC_OWNERS: 'false',
      SYNC_PRIVILEGES: 'false',
    });
    const error = await failsAndChangesNothing(bench.target, () => merge(ordinary));
    expect([error.code, error.message]).toEqual([
      'TARGET_PRIVILEGE',
      expect.stringContaining('session_replication_role'),
    ]);
    await bench.target.query(`GRANT SET ON PARAMETER session_replication_role TO ${role.name}`);
    try {
      expect((await merge(ordinary)).undoSchema).toEqual(expect.stringContaining('multiboard_sync_undo_'));
    } finally {
      await bench.target.query(`REVOKE SET ON PARAMETER session_replication_role FROM ${role.name}`);
    }
  });

  it('forgets what was kept for an undo when its time is over, whatever mode runs next', async () => {
    const kept = (): Promise<{ name: string }[]> =>
      bench.target.query(
        `SELECT nspname::text AS name FROM pg_namespace WHERE nspname LIKE 'multiboard_sync_undo_%' ORDER BY 1`,
      );
    const schemas = await kept();
    expect(schemas.length).toBeGreaterThan(1);
    const [first, ...others] = schemas.map(({ name }) => name);
    for (const name of others)
      await bench.target.query(
        `UPDATE "${name}".contents SET contents = jsonb_set(contents::jsonb, '{until}', '0')::text`,
      );
    await bench.sync('in-place');
    expect(await kept()).toEqual([{ name: first }]);
  });
});

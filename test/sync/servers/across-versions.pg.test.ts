import { beforeAll, describe, expect, it } from 'vitest';
import { planSync } from '../../../src/sync/verbs/plan.ts';
import type { PlanInput } from '../../../src/sync/contract/plan.ts';
import { startServer } from '../../catalog/servers.ts';
import type { CatalogServer } from '../../catalog/servers.ts';
import { lacks } from '../../support/lacks.ts';
import { testDatabase } from '../../support/postgres.ts';
import { serverBinaries } from '../../support/servers/fetch.ts';
import { createBench, expectEqual, failsAndChangesNothing } from '../../harness/environment-pair.ts';
import type { Bench, Mode } from '../../harness/environment-pair.ts';

type Major = 13 | 15 | 18;

/** What every supported server understands. */
const common = `
CREATE TYPE mood AS ENUM ('low', 'high');
CREATE DOMAIN positive AS int NOT NULL CHECK (VALUE > 0);
CREATE TABLE "Part" (id serial PRIMARY KEY, mood mood DEFAULT 'low' NOT NULL, n positive, at timestamptz DEFAULT '2020-01-01', twice int GENERATED ALWAYS AS (n * 2) STORED);
INSERT INTO "Part" (n) SELECT g FROM generate_series(1, 100) AS g;
CREATE TABLE child (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, part int REFERENCES "Part" ON DELETE CASCADE DEFERRABLE);
INSERT INTO child (part) SELECT id FROM "Part";
CREATE TABLE parted (id int, k int) PARTITION BY HASH (k); CREATE TABLE p0 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE p1 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 1); INSERT INTO parted SELECT g, g FROM generate_series(1, 20) AS g;
CREATE INDEX ON parted (id); CREATE INDEX ON "Part" (abs(n), mood) WHERE n > 3;
CREATE VIEW parts AS SELECT p.id, count(*) AS n FROM "Part" AS p JOIN child AS c ON c.part = p.id GROUP BY p.id;
CREATE MATERIALIZED VIEW summed AS SELECT sum(n) AS n FROM parts;
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER stamp BEFORE UPDATE ON "Part" FOR EACH ROW EXECUTE FUNCTION stamp();
CREATE POLICY all_of_them ON child USING (part > 0); CREATE STATISTICS together ON id, n FROM "Part";
COMMENT ON TABLE "Part" IS 'parts'; GRANT ALL ON TABLE "Part" TO PUBLIC; GRANT SELECT (n) ON "Part" TO PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC;`;

const needed = [13, 15].filter((major) => lacks(`postgres-${major as 13 | 15}`));

describe.skipIf(needed.length > 0)('between servers of other majors', () => {
  const servers = new Map<number, CatalogServer>();
  let count = 0;
  beforeAll(async () => {
    for (const major of [13, 15]) servers.set(major, await startServer(serverBinaries(major)));
  });

  async function ends(from: Major, to: Major): Promise<Bench> {
    count += 1;
    const name = `db_${count}`;
    const open = (major: Major, end: string) =>
      servers.get(major)?.database(`${name}_${end}`) ?? testDatabase(end);
    return createBench({ source: await open(from, 'source'), target: await open(to, 'target') });
  }

  const plan = ({ config }: Bench, input: Partial<PlanInput> = {}) =>
    planSync(
      { config, now: Date.now },
      { source: 'src', target: 'dst', ...input },
      { signal: new AbortController().signal },
    );

  const pairs: readonly (readonly [Major, Major, Mode])[] = [
    [13, 18, 'replace'],
    [18, 13, 'in-place'],
    [15, 18, 'in-place'],
    [18, 15, 'replace'],
    [13, 15, 'in-place'],
    [15, 13, 'replace'],
  ];

  it.each(pairs)('from %i to %i: what both understand arrives and is equal, %s', async (from, to, mode) => {
    const bench = await ends(from, to);
    await bench.source.query(common);
    expect((await plan(bench)).blockers).toEqual([]);
    // In place once more, over what is there now.
    for (const run of mode === 'replace' ? [mode] : [mode, mode]) await bench.sync(run);
    await expectEqual(bench);
  });

  it.each<[Major, Major]>([
    [13, 18],
    [18, 13],
  ])('%i → %i: a merge finds the rows that differ, and no others, and is undone', async (from, to) => {
    const bench = await ends(from, to);
    for (const database of [bench.source, bench.target]) await database.query(common);
    await bench.source
      .query(`UPDATE "Part" SET n = 1000 + n WHERE id IN (3, 5); DELETE FROM child WHERE id > 98;
      INSERT INTO parted VALUES (100, 3)`);
    const rows = (): Promise<unknown> => bench.target.query('SELECT * FROM "Part" ORDER BY id');
    const before = await rows();
    const receipt = await bench.sync('merge');
    expect(
      receipt.tables
        .flatMap(({ changed }) => (changed === undefined ? [] : Object.values(changed)))
        .toSorted((a, b) => a - b),
    ).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 2]);
    await expectEqual(bench);
    await bench.rollback(receipt.jobId);
    expect(await rows()).toEqual(before);
  });

  it('from 18 to 15: everything that 15 does not know is named with what it needs, and nothing changes', async () => {
    const bench = await ends(18, 15);
    await bench.source.query(`CREATE TABLE t (id int PRIMARY KEY, v int GENERATED ALWAYS AS (id + 1) VIRTUAL);
      CREATE TABLE c (id int REFERENCES t NOT ENFORCED); CREATE TABLE n (id int CONSTRAINT "my name" NOT NULL NO INHERIT);
      CREATE TABLE w (id int4range, during daterange, PRIMARY KEY (id, during WITHOUT OVERLAPS));
      CREATE TABLE m (id int); GRANT MAINTAIN ON m TO PUBLIC; CREATE TABLE fine (id int)`);
    const error = await failsAndChangesNothing(bench.target, () => bench.sync('in-place'));
    expect(error.code).toBe('TARGET_VERSION');
    expect((await plan(bench, { mode: 'in-place' })).blockers).toMatchObject([
      { code: 'TARGET_VERSION', message: error.message },
    ]);
    expect(error.message).toContain('The target’s server is PostgreSQL 15');
    for (const what of [
      'table public.t needs 18',
      'table public.n needs 18',
      'primary key w_pkey on public.w needs 18',
      'foreign key c_id_fkey on public.c needs 18',
      'privileges on table public.m needs 17',
    ])
      expect(error.message).toContain(what);
    expect(error.message).not.toContain('public.fine');
  });

  it('from 18 to 13: what the older server does not know goes where that may be left out', async () => {
    const bench = await ends(18, 13);
    await bench.source.query(`CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1);
      CREATE FUNCTION atomic() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; END; COMMENT ON FUNCTION atomic() IS 'why';
      CREATE VIEW needs AS SELECT id FROM t; CREATE UNIQUE INDEX distinct_nulls ON t (id) NULLS NOT DISTINCT`);
    const { blockers } = await plan(bench);
    expect(blockers.map(({ code }) => code)).toEqual(['TARGET_VERSION']);
    expect(blockers[0]!.message).toContain('function public.atomic() needs 14');
    expect(blockers[0]!.message).toContain('index public.distinct_nulls needs 15');
    const leaveOut = ['function public.atomic()', 'index public.distinct_nulls'];
    const receipt = await bench.sync('in-place', { leaveOut });
    expect(receipt.leftOut).toEqual(
      expect.arrayContaining([...leaveOut, 'comment on function public.atomic()']),
    );
    expect(await bench.target.query('SELECT id FROM needs')).toEqual([{ id: 1 }]);
  });

  it('from 13 to 18: an operator behind its argument is named, with the view that uses the built-in one', async () => {
    const bench = await ends(13, 18);
    await bench.source.query(`CREATE TABLE t (id int); CREATE VIEW factorials AS SELECT id ! AS f FROM t;
      CREATE FUNCTION same(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';
      CREATE OPERATOR !+ (FUNCTION = same, LEFTARG = int); CREATE OPERATOR !- (FUNCTION = same, RIGHTARG = int);
      CREATE VIEW counted AS SELECT count(*) AS n, !- 1 AS m, 1 OPERATOR(pg_catalog.+) 2 AS s FROM t`);
    const error = await failsAndChangesNothing(bench.target, () => bench.sync('in-place'));
    expect(error.code).toBe('TARGET_VERSION');
    expect(error.details['objects']).toHaveLength(2);
    expect(error.message).toContain('view public.factorials uses a postfix operator');
    expect(error.message).toMatch(/operator public\.!\+ ?\(integer, ?NONE\) uses a postfix operator/);
  });
});

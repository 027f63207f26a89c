import { beforeAll, describe, expect, test } from 'vitest';
import type { JobEvent } from '../../../src/progress/progress.ts';
import { planSync } from '../../../src/sync/verbs/plan.ts';
import type { Receipt } from '../../../src/sync/contract/receipts.ts';
import {
  createBench,
  expectEqual,
  failsAndChangesNothing,
  modes,
  rowsOf,
} from '../../harness/environment-pair.ts';
import type { Bench, BenchDatabase } from '../../harness/environment-pair.ts';
import { failure } from '../../harness/failure.ts';

const catalogue = `CREATE TABLE "Part" (id int PRIMARY KEY, name text);
  INSERT INTO "Part" SELECT g, 'part ' || g FROM generate_series(1, 20) AS g;`;

/** Next numbers of a column's sequence: by inserting, as an application does. */
async function insertedId(
  database: BenchDatabase,
  table: string,
  values = 'DEFAULT VALUES',
): Promise<unknown> {
  const [row] = await database.query(`INSERT INTO ${table} ${values} RETURNING id`);
  return row!['id'];
}

async function both(bench: Bench, sql: string): Promise<void> {
  await bench.source.query(sql);
  await bench.target.query(sql);
}

const contents = ({
  tables,
}: {
  readonly tables: readonly { readonly table: string; readonly content: string }[];
}) => Object.fromEntries(tables.map(({ table, content }) => [table, content]));

describe.each(modes)('policies, %s', (mode) => {
  test('sync, preserve, truncate, exclude, schemaOnly: each table gets what its policy says', async () => {
    const bench = await createBench({
      policies: {
        Profile: 'preserve',
        Cache: 'truncate',
        _prisma_migrations: 'exclude',
        'public.Lo*': 'schemaOnly',
      },
    });
    await both(
      bench,
      `CREATE TABLE "Part" (id int PRIMARY KEY, name text); CREATE TABLE "Profile" (id serial PRIMARY KEY, name text);
       CREATE TABLE "Cache" (id serial PRIMARY KEY, v text); CREATE TABLE _prisma_migrations (id text PRIMARY KEY, at timestamptz DEFAULT now());
       CREATE TABLE "Log" (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v text)`,
    );
    await bench.source.query(
      `INSERT INTO "Part" VALUES (1, 'new'); INSERT INTO "Profile" (name) VALUES ('tester');
       INSERT INTO "Cache" (v) VALUES ('source'); INSERT INTO "Log" (v) VALUES ('source'); INSERT INTO _prisma_migrations VALUES ('source');
       ALTER TABLE "Profile" ADD COLUMN later int DEFAULT 7; ALTER TABLE _prisma_migrations ADD COLUMN other int`,
    );
    await bench.target.query(
      `INSERT INTO "Part" VALUES (1, 'old'), (2, 'old'); INSERT INTO "Profile" (name) VALUES ('Ann'), ('Bob'), (NULL), ('');
       INSERT INTO "Cache" (v) VALUES ('target'); INSERT INTO "Log" (v) VALUES ('target'); INSERT INTO _prisma_migrations VALUES ('a'), ('b');
       COMMENT ON TABLE _prisma_migrations IS 'ours'; CREATE INDEX ours ON _prisma_migrations (at)`,
    );
    await bench.target.query(`CREATE VIEW his AS SELECT count(*) AS n FROM "Part";
      CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE TABLE gone (); COMMENT ON TABLE gone IS 'x'`);
    const migrations = await rowsOf(bench.target, '_prisma_migrations');
    // What stays as the target has it is no difference.
    const planned = await planSync(
      { config: bench.config, now: Date.now },
      { source: 'src', target: 'dst', mode, search: false },
      { signal: new AbortController().signal },
    );
    expect(planned.blockers).toEqual([]);
    const [gone, mine, his] = ['table public.gone', 'function public.mine()', 'view public.his'];
    expect(planned.differences?.map(({ name }) => name).sort()).toEqual(
      [
        gone,
        mine,
        his,
        `comment on ${gone}`,
        `owner of ${gone}`,
        `owner of ${mine}`,
        `owner of ${his}`,
        'table public."Profile"',
      ].sort(),
    );
    expect(planned.warnings.slice(0, 2)).toEqual([
      '1 table(s) that only the target has will be dropped, with their rows: public.gone.',
      `2 other object(s) that only the target has will be dropped: ${mine}, ${his}.`,
    ]);
    const receipt = await bench.sync(mode);
    expect(contents(receipt)).toEqual({
      'public.Part': 'source',
      'public.Profile': 'kept',
      'public.Cache': 'empty',
      'public._prisma_migrations': 'kept',
      'public.Log': 'empty',
    });
    expect(await rowsOf(bench.target, '"Part"')).toEqual(['(1,new)']);
    expect(await rowsOf(bench.target, '"Profile"')).toEqual(['(1,Ann,7)', '(2,Bob,7)', '(3,,7)', '(4,"",7)']);
    expect(await rowsOf(bench.target, '"Cache"')).toEqual([]);
    expect(await rowsOf(bench.target, '"Log"')).toEqual([]);
    expect(await rowsOf(bench.target, '_prisma_migrations')).toEqual(migrations);
    expect(
      await bench.target.query(
        `SELECT obj_description('_prisma_migrations'::regclass) AS comment, to_regclass('ours') IS NOT NULL AS indexed`,
      ),
    ).toEqual([{ comment: 'ours', indexed: true }]);
    expect(await insertedId(bench.target, '"Profile"')).toBe(5);
  });

  test('a kept table that the source does not have is carried whole', async () => {
    const bench = await createBench({ policies: { Mine: 'preserve', MineToo: 'preserve' } });
    await bench.source.query(`${catalogue} CREATE TYPE common AS ENUM ('a', 'b')`);
    await bench.target.query(
      `${catalogue} CREATE TYPE common AS ENUM ('a', 'b'); CREATE TYPE mine_only AS ENUM ('x'); CREATE DOMAIN short AS text CHECK (length(VALUE) < 9);
       CREATE SEQUENCE mine_free; SELECT nextval('mine_free') FROM generate_series(1, 5);
       CREATE FUNCTION on_mine() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.s := upper(NEW.s); RETURN NEW; END';
       CREATE TABLE "MineToo" (id int PRIMARY KEY);
       CREATE TABLE "Mine" (id serial PRIMARY KEY, c common, o mine_only DEFAULT 'x', s short, n int DEFAULT nextval('mine_free') UNIQUE,
         "partId" int REFERENCES "Part" ON DELETE CASCADE, too int REFERENCES "MineToo", CHECK (id < 1000));
       CREATE INDEX "Mine_expression" ON "Mine" (lower(s)) WHERE id > 0;
       CREATE TRIGGER up BEFORE INSERT ON "Mine" FOR EACH ROW EXECUTE FUNCTION on_mine();
       ALTER TABLE "Mine" ENABLE ROW LEVEL SECURITY; CREATE POLICY everyone ON "Mine" USING (true);
       COMMENT ON COLUMN "Mine".s IS 'short text';
       INSERT INTO "MineToo" VALUES (1); INSERT INTO "Mine" (c, s, "partId", too) VALUES ('b', 'abc', 3, 1), (NULL, NULL, NULL, NULL);
       GRANT SELECT ON "Mine" TO PUBLIC`,
    );
    const definition = async (): Promise<unknown> =>
      bench.target.query(
        `SELECT ARRAY(SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = '"Mine"'::regclass ORDER BY conname) AS constraints,
           ARRAY(SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = '"Mine"'::regclass ORDER BY 1) AS indexes,
           ARRAY(SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = '"Mine"'::regclass AND NOT tgisinternal) AS triggers,
           ARRAY(SELECT polname::text FROM pg_policy WHERE polrelid = '"Mine"'::regclass) AS policies,
           (SELECT relacl::text FROM pg_class WHERE oid = '"Mine"'::regclass) AS acl, col_description('"Mine"'::regclass, 4) AS comment`,
      );
    const before = [await definition(), await rowsOf(bench.target, '"Mine"')];
    await bench.sync(mode, { owners: false, privileges: false });
    expect([await definition(), await rowsOf(bench.target, '"Mine"')]).toEqual(before);
    expect(await bench.target.query(`INSERT INTO "Mine" (s) VALUES ('later') RETURNING id, n, s`)).toEqual([
      { id: 3, n: 8, s: 'LATER' },
    ]);
  });
});

/** Each with tables of its own, so that one run is enough for all. */
const keptTables = {
  bytes: {
    source: `CREATE TABLE "KeptBytes" (data jsonb, id int PRIMARY KEY, "né" text, twice int GENERATED ALWAYS AS (id * 2) STORED)`,
    target: String.raw`CREATE TABLE "KeptBytes" (id int PRIMARY KEY, gone int, twice int GENERATED ALWAYS AS (id * 2) STORED, "né" text, data jsonb);
      ALTER TABLE "KeptBytes" DROP COLUMN gone;
      INSERT INTO "KeptBytes" (id, "né", data) VALUES (1, E'\\N', '{"a": 1.00}'), (2, E'\n\\.\n\t', 'null'), (3, '', NULL), (4, NULL, '[]'), (5, '🧩' || chr(1), '"\\u0041"')`,
  },
  numbers: {
    both: `CREATE TABLE "KeptSerial" (id serial PRIMARY KEY); CREATE TABLE "KeptIdentity" (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
      CREATE SEQUENCE free_ids; CREATE TABLE "KeptFree" (id int DEFAULT nextval('free_ids') PRIMARY KEY);
      CREATE SEQUENCE shared_ids; CREATE TABLE "KeptShared" (id int DEFAULT nextval('shared_ids') PRIMARY KEY);
      CREATE TABLE copied (id int DEFAULT nextval('shared_ids') PRIMARY KEY);
      CREATE SEQUENCE shared_down INCREMENT -1; CREATE TABLE "KeptDown" (id int DEFAULT nextval('shared_down') PRIMARY KEY);
      CREATE TABLE copied_down (id int DEFAULT nextval('shared_down') PRIMARY KEY);
      CREATE SEQUENCE far_ids; CREATE TABLE "KeptNear" (id int DEFAULT nextval('far_ids')); CREATE TABLE copied_far (id int DEFAULT nextval('far_ids') PRIMARY KEY)`,
    source: `CREATE TABLE "KeptRenamed" (id serial PRIMARY KEY);
      ${inserted(['"KeptSerial"', '"KeptIdentity"', '"KeptFree"', 'copied', 'copied_down'], 3)}; ${inserted(['copied_far'], 30)}`,
    target: `CREATE TABLE before (id serial PRIMARY KEY); ALTER TABLE before RENAME TO "KeptRenamed"; CREATE TABLE "KeptUnused" (id serial PRIMARY KEY);
      ${inserted(['"KeptSerial"', '"KeptIdentity"', '"KeptFree"', '"KeptShared"', '"KeptDown"', '"KeptRenamed"', '"KeptNear"'], 10)}`,
  },
  absent: {
    source: `CREATE TABLE "KeptAbsent" (id serial PRIMARY KEY, name text); INSERT INTO "KeptAbsent" (name) VALUES ('tester')`,
  },
  partitions: {
    both: `${catalogue} CREATE TABLE "KeptEvent" (id int GENERATED BY DEFAULT AS IDENTITY, at date, part int REFERENCES "Part", PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
      CREATE TABLE event_2025 PARTITION OF "KeptEvent" FOR VALUES FROM ('2025-01-01') TO ('2026-01-01'); CREATE INDEX by_part ON "KeptEvent" (part)`,
    source: `INSERT INTO "KeptEvent" (at, part) VALUES ('2025-05-05', 1)`,
    target: `CREATE TABLE event_2026 PARTITION OF "KeptEvent" FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
      INSERT INTO "KeptEvent" (at, part) SELECT date '2025-06-01' + g * 30, g FROM generate_series(1, 12) AS g`,
  },
  views: {
    both: `CREATE TABLE "KeptName" (id int PRIMARY KEY, name text); CREATE VIEW names AS SELECT name FROM "KeptName";
      CREATE MATERIALIZED VIEW counted AS SELECT count(*)::int AS n FROM "KeptName"; CREATE UNIQUE INDEX ON counted (n)`,
    target: `INSERT INTO "KeptName" VALUES (1, 'Ann'), (2, 'Bob')`,
  },
  triggers: {
    both: `CREATE TABLE "KeptLog" (what text); CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO public."KeptLog" VALUES (TG_OP || TG_TABLE_NAME); RETURN NULL; END';
      CREATE TABLE "KeptTriggered" (id int PRIMARY KEY); CREATE TABLE triggered (id int PRIMARY KEY, kept int REFERENCES "KeptTriggered");
      CREATE TRIGGER p AFTER INSERT OR DELETE OR UPDATE ON "KeptTriggered" FOR EACH ROW EXECUTE FUNCTION note();
      CREATE TRIGGER c AFTER INSERT OR DELETE OR UPDATE ON triggered FOR EACH ROW EXECUTE FUNCTION note(); ALTER TABLE triggered ENABLE ALWAYS TRIGGER c;
      INSERT INTO "KeptTriggered" VALUES (1); INSERT INTO triggered VALUES (1, 1)`,
  },
} satisfies Record<string, { readonly both?: string; readonly source?: string; readonly target?: string }>;

function inserted(tables: readonly string[], rows: number): string {
  return tables.map((table) => `INSERT INTO ${table} SELECT FROM generate_series(1, ${rows})`).join('; ');
}

describe.each(modes)('kept tables after a run, %s', (mode) => {
  let bench: Bench;
  let receipt: Receipt;
  const rows = async (): Promise<Record<string, unknown>> => ({
    bytes: await rowsOf(bench.target, '(SELECT id, "né", data, twice FROM "KeptBytes")'),
    events: await rowsOf(bench.target, '"KeptEvent"', '1'),
    log: await rowsOf(bench.target, '"KeptLog"'),
  });
  let before: Record<string, unknown>;

  beforeAll(async () => {
    bench = await createBench({ policies: { 'Kept*': 'preserve' } });
    for (const one of Object.values<{ both?: string; source?: string; target?: string }>(keptTables)) {
      if (one.both !== undefined) await both(bench, one.both);
      if (one.source !== undefined) await bench.source.query(one.source);
      if (one.target !== undefined) await bench.target.query(one.target);
    }
    before = await rows();
    receipt = await bench.sync(mode);
  });

  test('their rows are the same to the byte, whatever is in them and however the columns stand', async () => {
    expect((await rows())['bytes']).toEqual(before['bytes']);
  });

  test('their triggers and those of copied tables did not fire', async () => {
    expect(before['log']).toHaveLength(2);
    expect((await rows())['log']).toEqual(before['log']);
  });

  test('what views and functions show of them is kept rows', async () => {
    expect(await bench.target.query('SELECT n FROM counted')).toEqual([{ n: 2 }]);
    expect(await bench.target.query('SELECT name FROM names ORDER BY 1')).toEqual([
      { name: 'Ann' },
      { name: 'Bob' },
    ]);
  });

  test('one that the target did not have begins empty', async () => {
    expect(contents(receipt)).toMatchObject({ 'public.KeptAbsent': 'kept' });
    expect(await rowsOf(bench.target, '"KeptAbsent"')).toEqual([]);
  });

  test('their sequences go on: serial, identity, free, shared, and under another name', async () => {
    const numbers: Record<string, unknown> = {};
    for (const table of [
      'KeptSerial',
      'KeptIdentity',
      'KeptFree',
      'KeptRenamed',
      'KeptUnused',
      'KeptShared',
      'copied',
      'KeptDown',
    ])
      numbers[table] = await insertedId(bench.target, `"${table}"`);
    expect(numbers).toEqual({
      KeptSerial: 11,
      KeptIdentity: 11,
      KeptFree: 11,
      KeptRenamed: 11,
      KeptUnused: 1,
      KeptShared: 11,
      copied: 12,
      KeptDown: -11,
    });
  });

  test('a sequence shared with a copied table goes on from the source’s value where that is further', async () => {
    expect(await insertedId(bench.target, '"KeptNear"')).toBe(31);
  });

  test('partitions are kept: those both have, and those only the target has', async () => {
    expect(contents(receipt)).toMatchObject({ 'public.event_2025': 'kept', 'public.event_2026': 'kept' });
    expect((await rows())['events']).toEqual(before['events']);
    expect(
      await bench.target.query(
        `INSERT INTO "KeptEvent" (at, part) VALUES ('2026-07-07', 2) RETURNING id, tableoid::regclass::text AS place`,
      ),
    ).toEqual([{ id: 13, place: 'event_2026' }]);
    expect(
      await bench.target.query(
        `SELECT count(*)::int AS n FROM pg_index WHERE indrelid = 'event_2026'::regclass`,
      ),
    ).toEqual([{ n: 2 }]);
  });
});

// Refused before a mode does anything.
test('a table that must have rows and has none in the source stops the run, and the plan says so', async () => {
  const bench = await createBench({
    change: (config) => ({ ...config, mustHaveRows: ['Part', 'Absent', 'Tag'] }),
  });
  await both(
    bench,
    'CREATE TABLE "Part" (id int); CREATE TABLE "Tag" (id int); INSERT INTO "Tag" VALUES (1)',
  );
  await bench.target.query('INSERT INTO "Part" VALUES (1)');
  const error = await failsAndChangesNothing(bench.target, () => bench.sync('replace'));
  expect([error.code, error.details['tables']]).toEqual(['SOURCE_EMPTY', ['Part', 'Absent']]);
  const { blockers } = await planSync(
    { config: bench.config, now: Date.now },
    { source: 'src', target: 'dst' },
    { signal: new AbortController().signal },
  );
  expect(blockers).toEqual([expect.objectContaining({ code: 'SOURCE_EMPTY', message: error.message })]);
});

test('a view over an excluded table is an error that names it', async () => {
  const bench = await createBench({ policies: { secret: 'exclude' } });
  await bench.source.query('CREATE TABLE secret (id int); CREATE VIEW shown AS SELECT id FROM secret');
  const error = await failsAndChangesNothing(bench.target, () => bench.sync('in-place'));
  expect([error.code, error.message]).toEqual([
    'SOURCE_OBJECT_UNSUPPORTED',
    expect.stringContaining('view public.shown'),
  ]);
});

test('a kept table that needs a table which goes is an error that names both', async () => {
  const bench = await createBench({ policies: { Mine: 'preserve' } });
  await bench.source.query(catalogue);
  await bench.target.query(
    'CREATE TABLE goes (id int PRIMARY KEY); CREATE TABLE "Mine" (id int REFERENCES goes)',
  );
  const error = await failsAndChangesNothing(bench.target, () => bench.sync('in-place'));
  expect([error.code, error.message]).toEqual(['TARGET_KEPT_TABLE', expect.stringMatching(/Mine.*goes/)]);
});

// Found when the rows are loaded; a foreign key is found by the plan (references).
test.each([
  ['a check', 'replace', 'name text CHECK (length(name) > 4)', 'name text'],
  ['a NOT NULL', 'in-place', 'name text, part int NOT NULL', 'name text, part int'],
] as const)(
  'kept rows that break %s of the new state are an error: the job has failed, and nothing changes, %s',
  async (_what, mode, wanted, live) => {
    const bench = await createBench({ policies: { Profile: 'preserve' } });
    await bench.source.query(`CREATE TABLE "Profile" (id int, ${wanted})`);
    await bench.target.query(
      `CREATE TABLE "Part" (id int); INSERT INTO "Part" VALUES (7);
       CREATE TABLE "Profile" (id int, ${live}); INSERT INTO "Profile" VALUES (1, 'Ann')`,
    );
    const states: string[] = [];
    const onEvent = (event: JobEvent): unknown =>
      event.type === 'progress' && states.push(event.progress.state);
    const error = await failsAndChangesNothing(bench.target, () => bench.sync(mode, {}, { onEvent }));
    expect([error.code, error.message]).toEqual(['TARGET_KEPT_TABLE', expect.stringContaining('Profile')]);
    expect(error.message).not.toContain('Ann');
    expect([states.at(-1), states.includes('done')]).toEqual(['failed', false]);
  },
);

test('an import takes the same policies as a sync', async () => {
  const bench = await createBench({ policies: { Profile: 'preserve', Cache: 'truncate' } });
  await both(bench, 'CREATE TABLE "Profile" (id serial, name text); CREATE TABLE "Cache" (id int)');
  await bench.source.query(`INSERT INTO "Profile" (name) VALUES ('tester'); INSERT INTO "Cache" VALUES (1)`);
  await bench.target.query(`INSERT INTO "Profile" (name) VALUES ('Ann')`);
  const { dump } = await bench.export();
  for (const mode of modes) {
    await bench.import({ id: dump!.dumpId }, mode);
    expect(await rowsOf(bench.target, '"Profile"')).toEqual(['(1,Ann)']);
    expect(await rowsOf(bench.target, '"Cache"')).toEqual([]);
  }
  // A caller names ids, never paths.
  for (const id of ['nothing', `../dumps/${dump!.dumpId}`])
    expect((await failure(bench.import({ id }, 'replace'))).code).toBe('STORAGE_DUMP_UNKNOWN');
});

test.each(modes)('the public schema gets the source’s owner and grants: %s', async (mode) => {
  const bench = await createBench();
  await bench.source.query('CREATE TABLE t (id int)');
  await bench.target.query(
    'ALTER SCHEMA public OWNER TO postgres; GRANT ALL ON SCHEMA public TO PUBLIC; CREATE TABLE old (id int)',
  );
  await bench.sync(mode);
  await expectEqual(bench);
  await bench.source.query('ALTER SCHEMA public OWNER TO postgres; GRANT ALL ON SCHEMA public TO PUBLIC');
  await bench.sync(mode);
  await expectEqual(bench);
});

import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { Manifest } from '../../../src/dump/manifest.ts';
import { planSync } from '../../../src/sync/verbs/plan.ts';
import type { Plan } from '../../../src/sync/contract/plan.ts';
import type { SyncInput } from '../../../src/sync/contract/inputs.ts';
import { createBench, failsAndChangesNothing } from '../../harness/environment-pair.ts';
import type { Bench } from '../../harness/environment-pair.ts';

async function planOf(bench: Bench, input: Partial<SyncInput> = {}): Promise<Plan> {
  return planSync(
    { config: bench.config, now: Date.now },
    { source: 'src', target: 'dst', ...input },
    { signal: new AbortController().signal },
  );
}

const prisma = `CREATE TABLE _prisma_migrations (id text PRIMARY KEY, checksum text, finished_at timestamptz, migration_name text,
  logs text, rolled_back_at timestamptz, started_at timestamptz DEFAULT now(), applied_steps_count int DEFAULT 0)`;
const applied = (...names: readonly string[]): string =>
  `INSERT INTO _prisma_migrations (id, finished_at, migration_name) VALUES ${names.map((name) => `('${name}', now(), '${name}')`).join(', ')}`;

/**
 * The tables of each tool as it makes them, with one or two applied migrations and, where it can say so, one that is
 * not.
 */
const tools: Readonly<Record<string, readonly [sql: string, applied: readonly string[]]>> = {
  Prisma: [
    `${prisma}; ${applied('1_first', '2_again')};
     INSERT INTO _prisma_migrations (id, finished_at, rolled_back_at, migration_name) VALUES ('x', NULL, NULL, '3_broken'), ('y', now(), now(), '4_back'), ('z', NULL, now(), '2_again')`,
    ['1_first', '2_again'],
  ],
  Knex: [
    `CREATE TABLE knex_migrations (id serial PRIMARY KEY, name text, batch int, migration_time timestamptz);
     INSERT INTO knex_migrations (name) VALUES ('1.js')`,
    ['1.js'],
  ],
  TypeORM: [
    `CREATE TABLE migrations (id serial PRIMARY KEY, timestamp bigint, name text); INSERT INTO migrations (name) VALUES ('A1')`,
    ['A1'],
  ],
  Laravel: [
    `CREATE TABLE migrations (id serial PRIMARY KEY, migration text, batch int); INSERT INTO migrations (migration) VALUES ('l')`,
    ['l'],
  ],
  Sequelize: [
    `CREATE TABLE "SequelizeMeta" (name text PRIMARY KEY); INSERT INTO "SequelizeMeta" VALUES ('s.js')`,
    ['s.js'],
  ],
  Drizzle: [
    `CREATE TABLE __drizzle_migrations (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint);
     INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('abc', 1700000000000)`,
    ['1700000000000'],
  ],
  Flyway: [
    `CREATE TABLE flyway_schema_history (installed_rank int PRIMARY KEY, version text, description text, type text, script text, checksum int, success boolean);
     INSERT INTO flyway_schema_history VALUES (0, NULL, '', 'SCHEMA', '"x"', 0, true), (1, '1', '', 'SQL', 'V1.sql', 0, true), (2, '2', '', 'SQL', 'V2.sql', 0, true),
       (3, '2', '', 'UNDO_SQL', 'U2.sql', 0, true), (4, '3', '', 'SQL', 'V3.sql', 0, false), (5, NULL, '', 'SQL', 'R__views.sql', 0, true)`,
    ['1', 'R__views.sql'],
  ],
  Liquibase: [
    `CREATE TABLE databasechangelog (id text, author text, filename text, exectype text);
     INSERT INTO databasechangelog VALUES ('1', 'ann', 'a.xml', 'EXECUTED'), ('2', 'ann', 'a.xml', 'FAILED')`,
    ['1 by ann in a.xml'],
  ],
  Django: [
    `CREATE TABLE django_migrations (id serial PRIMARY KEY, app text, name text, applied timestamptz);
     INSERT INTO django_migrations (app, name) VALUES ('auth', '0001_initial')`,
    ['auth.0001_initial'],
  ],
  Alembic: [
    `CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY); INSERT INTO alembic_version VALUES ('ae10')`,
    ['ae10'],
  ],
  'golang-migrate': [
    `CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO schema_migrations VALUES (7, true)`,
    ['7 (dirty)'],
  ],
  Supabase: [
    `CREATE TABLE schema_migrations (version text PRIMARY KEY, statements text[], name text); INSERT INTO schema_migrations VALUES ('2024')`,
    ['2024'],
  ],
  Rails: [
    `CREATE TABLE schema_migrations (version varchar PRIMARY KEY); INSERT INTO schema_migrations VALUES ('2025')`,
    ['2025'],
  ],
  'Entity Framework': [
    `CREATE TABLE "__EFMigrationsHistory" ("MigrationId" varchar(150) PRIMARY KEY, "ProductVersion" varchar(32));
     INSERT INTO "__EFMigrationsHistory" VALUES ('1_Init', '8')`,
    ['1_Init'],
  ],
  goose: [
    `CREATE TABLE goose_db_version (id serial PRIMARY KEY, version_id bigint, is_applied boolean, tstamp timestamp DEFAULT now());
     INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, true), (1, true), (2, true), (2, false)`,
    ['1'],
  ],
  SQLx: [
    `CREATE TABLE _sqlx_migrations (version bigint PRIMARY KEY, description text, success boolean);
     INSERT INTO _sqlx_migrations VALUES (1, 'init', true), (2, 'broken', false)`,
    ['1 init'],
  ],
};

test('what each known tool has applied is written into the manifest, and nothing of tables that only have such a name', async () => {
  const bench = await createBench();
  const [names, definitions] = [Object.keys(tools), Object.values(tools)];
  await bench.source.query(
    definitions
      .map(([sql], index) => `CREATE SCHEMA s${index}; SET search_path TO s${index}; ${sql};`)
      .join('\n'),
  );
  await bench.source.query(
    'CREATE TABLE migrations (id int, bird text); CREATE TABLE schema_migrations (id int); CREATE TABLE _prisma_migrations (id int)',
  );
  const { dump } = await bench.export();
  const manifest = JSON.parse(await readFile(dump?.manifest ?? '', 'utf8')) as Manifest;
  expect(manifest.migrations?.toSorted((a, b) => (a.tool < b.tool ? -1 : 1))).toEqual(
    names
      .map((tool, index) => ({
        tool,
        schema: `s${index}`,
        name: expect.any(String),
        applied: definitions[index]?.[1],
      }))
      .sort((a, b) => (a.tool < b.tool ? -1 : 1)),
  );
});

test('a schema whose migrations the target’s own table does not tell stops the plan, the sync and an import, unless that is allowed', async () => {
  const bench = await createBench({ policies: { _prisma_migrations: 'exclude' } });
  await bench.source.query(`${prisma}; ${applied('1_init', '3_add')}; CREATE TABLE part (id int)`);
  await bench.target.query(
    `${prisma}; ${applied('1_init', '2_barcode')}; CREATE TABLE part (id int, barcode text)`,
  );
  const sentence =
    'public._prisma_migrations (Prisma) stays as it is, and the schema will be the source’s: it would not name 3_add, which the new schema has; it would name 2_barcode as applied, which the new schema does not have.';
  const { blockers } = await planOf(bench);
  expect(blockers).toMatchObject([
    { code: 'CONFLICT_MIGRATIONS', message: expect.stringContaining(sentence) },
  ]);
  const dump = { id: (await bench.export()).dump?.dumpId ?? '' };
  const errors = [
    await failsAndChangesNothing(bench.target, () => bench.sync('replace')),
    await failsAndChangesNothing(bench.target, () => bench.import(dump, 'in-place')),
  ];
  for (const error of errors)
    expect([error.code, error.message]).toEqual([blockers[0]?.code, blockers[0]?.message]);
  const allowed = await planOf(bench, { ignoreMigrations: true });
  expect([allowed.blockers, allowed.warnings]).toEqual([[], expect.arrayContaining([sentence])]);
  const receipt = await bench.sync('replace', { ignoreMigrations: true });
  expect(receipt.warnings.filter((warning) => warning === sentence)).toEqual([sentence]);
  // An undo goes back whatever was applied since, and says so.
  await bench.target.query(applied('4_since'));
  const { warnings } = await bench.rollback(receipt.jobId);
  expect(warnings).toEqual(
    expect.arrayContaining([expect.stringMatching(/name 4_since as applied, which the new schema does not/)]),
  );
});

test('histories that agree, are carried along, or are at one end alone stop nothing', async () => {
  const bench = await createBench({ policies: { _prisma_migrations: 'preserve' } });
  await bench.source.query(`${prisma}; ${applied('1_init', '2_more')}`);
  const first = await planOf(bench);
  expect([first.blockers, first.warnings]).toEqual([
    [],
    expect.arrayContaining([expect.stringMatching(/_prisma_migrations \(Prisma\).*will not know the 2 mig/)]),
  ]);
  await bench.target.query(`${prisma}; ${applied('2_more', '1_init')}`);
  expect((await planOf(bench)).blockers).toEqual([]);
  await bench.target.query(`DELETE FROM _prisma_migrations WHERE id = '2_more'`);
  const policy = (policies: Bench['config']['tablePolicies']): Bench => ({
    ...bench,
    config: { ...bench.config, tablePolicies: policies },
  });
  expect((await planOf(policy([]))).blockers).toEqual([]);
  const emptied = await planOf(policy([{ table: '_prisma_migrations', policy: 'truncate' }]));
  expect(emptied.blockers).toMatchObject([
    { code: 'CONFLICT_MIGRATIONS', message: expect.stringContaining('is emptied, and') },
  ]);
  await bench.source.query('DROP TABLE _prisma_migrations');
  const last = await planOf(policy([{ table: '_prisma_migrations', policy: 'exclude' }]));
  expect([last.blockers, last.warnings]).toEqual([
    [],
    expect.arrayContaining([expect.stringMatching(/stays, and the source has no such table/)]),
  ]);
});

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { runPsql, runPsqlPastErrors } from '../catalog/oracle.ts';
import { sharedServer, startServer } from '../catalog/servers.ts';
import type { CatalogServer } from '../catalog/servers.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { debianPackage } from './debian.ts';
import { expectCarried } from './report.ts';

const run = promisify(execFile);

/** Debian's packages that bring a schema: its files, in the order in which they are run. */
const packages: readonly (readonly [name: string, files: readonly string[]])[] = [
  [
    'zabbix-server-pgsql',
    ['schema', 'images', 'data'].map((file) => `usr/share/zabbix-server-pgsql/${file}.sql.gz`),
  ],
  ['icinga2-ido-pgsql', ['usr/share/icinga2-ido-pgsql/schema/pgsql.sql']],
  ['pdns-backend-pgsql', ['usr/share/pdns-backend-pgsql/schema/schema.pgsql.sql']],
  ['kea-admin', ['usr/share/kea/scripts/pgsql/dhcpdb_create.pgsql']],
  ['bacula-director-pgsql', ['usr/share/dbconfig-common/data/bacula-director-pgsql/install/pgsql']],
];

describe('schemas of Debian’s packages', () => {
  it.each(packages)('%s', async (name, files) => {
    const root = await debianPackage(name);
    const source = await sharedServer.database(name.replaceAll('-', '_'));
    for (const file of files) {
      const bytes = await readFile(join(root, file));
      const sql = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
      // They name roles and databases of an installation; what matters is the schema.
      await runPsqlPastErrors(source.url, sql);
    }
    await expectCarried({ source, server: sharedServer, mode: 'replace' });
  });
});

describe('schemas of npm packages', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await scratchDirectory('npm');
    await run('npm', ['install', '--prefix', folder, '--no-save', 'graphile-worker', 'pg-boss']);
  });

  it('graphile-worker', async () => {
    const source = await sharedServer.database('graphile_worker');
    await run(join(folder, 'node_modules/.bin/graphile-worker'), ['-c', source.url, '--schema-only']);
    await source.query(`SELECT graphile_worker.add_job('send', '{"to": "x"}'::json)`);
    await expectCarried({ source, server: sharedServer, mode: 'in-place' });
  });

  it('pg-boss', async () => {
    const source = await sharedServer.database('pg_boss');
    const script =
      `import * as boss from 'pg-boss'; const Boss = boss.PgBoss ?? boss.default; const b = new Boss(process.argv[1]);` +
      ` b.on('error', () => {}); await b.start(); await b.createQueue('q'); await b.send('q', { a: 1 }); await b.stop({ graceful: false });`;
    await run('node', ['--input-type=module', '-e', script, source.url], { cwd: folder });
    // pg_dump leaves the names of NOT NULL to the server, which finds them taken by the partitions (LIKE) and adds a 1.
    const expected = /^[-+] (?:[^]*_not_null|Name: job; Type: TABLE; Schema: pgboss;)/;
    await expectCarried({ source, server: sharedServer, mode: 'replace', expected });
  });
});

const debian = '/usr/lib/postgresql/15';

describe.skipIf(!existsSync(join(debian, 'bin', 'postgres')))('extensions on Debian’s own server', () => {
  let server: CatalogServer;

  beforeAll(async () => {
    server = await startServer(debian, { max_locks_per_transaction: '1024' });
  });

  it('every extension that is installed, with rows of its own, and tables that use it', async () => {
    const source = await server.database('extensions');
    const available = await source.query<{ name: string }>(
      `SELECT name FROM pg_available_extensions WHERE name NOT IN ('plpgsql') ORDER BY name`,
    );
    const refused: string[] = [];
    for (const { name } of available) {
      const schema = name === 'pg_partman' ? 'CREATE SCHEMA partman; ' : '';
      const place = schema === '' ? '' : ' SCHEMA partman';
      await source
        .query(`${schema}CREATE EXTENSION IF NOT EXISTS "${name}"${place} CASCADE`)
        .catch((error: Error) => {
          refused.push(`${name}: ${error.message}`);
        });
    }
    const installed = new Set(
      (await source.query<{ extname: string }>('SELECT extname FROM pg_extension')).map(
        ({ extname }) => extname,
      ),
    );
    console.log(`${installed.size} extensions; not made: ${refused.join('; ')}`);
    for (const [name, sql] of Object.entries(uses)) if (installed.has(name)) await runPsql(source.url, sql);
    expect(installed.size).toBeGreaterThan(20);
    // PostGIS's scripts set it when they run: in pg_dump's copy, whose settings are not the source's, that is what is
    // left. What users put on tables of extensions is in ours alone.
    const expected =
      /^(?:[-+] setting search_path of the database: |[-+] policy and rule state tiger\.state_lookup: |\+ (?:constraint|index) (?:partman\.part_config|topology\.layer))/;
    await expectCarried({ source, server, mode: 'replace', expected });
    // In place its event triggers change its own rows while later objects are made: the run stops by name
    // (docs/gotchas.md).
    await source.query('DROP EXTENSION IF EXISTS periods CASCADE');
    await expectCarried({ source, server, mode: 'in-place', expected });
  });
});

const uses: Readonly<Record<string, string>> = {
  postgis: `
    CREATE TABLE geo (id serial PRIMARY KEY, g geometry(Point, 4326), h geography);
    INSERT INTO geo (g) SELECT ST_SetSRID(ST_Point(i, i / 2.0), 4326) FROM generate_series(1, 100) AS i;
    CREATE INDEX ON geo USING gist (g);
    INSERT INTO spatial_ref_sys (srid, auth_name, auth_srid) VALUES (990001, 'ours', 1);`,
  pg_partman: `
    CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY, at timestamptz NOT NULL, note text) PARTITION BY RANGE (at);
    SELECT partman.create_parent('public.orders', 'at', 'native', 'daily');
    CREATE INDEX ON partman.part_config (control);
    ALTER TABLE partman.part_config ADD CONSTRAINT ours CHECK (partition_interval <> '');`,
  postgis_topology: `
    CREATE UNIQUE INDEX ON topology.layer (feature_type, layer_id) WHERE level > 0;`,
  postgis_tiger_geocoder: `
    CREATE FUNCTION told() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER ours BEFORE INSERT ON tiger.state_lookup FOR EACH ROW EXECUTE FUNCTION told();`,
  periods: `
    CREATE TABLE period (id integer, s date NOT NULL, e date NOT NULL);
    SELECT periods.add_period('period', 'p', 's', 'e');`,
};

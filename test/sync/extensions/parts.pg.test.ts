import { beforeAll, describe, expect, test } from 'vitest';
import { psql } from '../../support/client-tools.ts';
import { lacks } from '../../support/lacks.ts';
import { queryOnce } from '../../support/postgres-connection.ts';
import { createBench, expectEqual, modes } from '../../harness/environment-pair.ts';
import type { Bench, BenchDatabase, BenchOptions } from '../../harness/environment-pair.ts';
import { extensionServer } from '../../harness/extension-server.ts';
import type { ExtensionServer } from '../../harness/extension-server.ts';

/** What scripts of extensions put on their tables: the catalogues do not say that it is theirs. */
const script = `
CREATE TABLE @extschema@.log (id serial PRIMARY KEY, at timestamptz, status varchar(9) CHECK (status IN ('on', 'off')), note text);
CREATE INDEX log_status ON @extschema@.log (status);
COMMENT ON INDEX @extschema@.log_status IS 'of the script';
CREATE STATISTICS @extschema@.log_statistics ON at, status FROM @extschema@.log;
CREATE FUNCTION @extschema@.pass() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER pass BEFORE INSERT ON @extschema@.log FOR EACH ROW EXECUTE FUNCTION @extschema@.pass();
CREATE POLICY everybody ON @extschema@.log USING (note IS NULL);
ALTER TABLE @extschema@.log ENABLE ROW LEVEL SECURITY;
CREATE RULE quiet AS ON DELETE TO @extschema@.log WHERE old.id < 0 DO INSTEAD NOTHING;
CREATE TABLE @extschema@.config (name text PRIMARY KEY, value text);
CREATE TRIGGER pass BEFORE INSERT ON @extschema@.config FOR EACH ROW EXECUTE FUNCTION @extschema@.pass();
SELECT pg_extension_config_dump('@extschema@.config', '');
CREATE TABLE @extschema@.bare (a int);
SELECT pg_extension_config_dump('@extschema@.bare', '');
CREATE TABLE @extschema@.parts (id int, at date) PARTITION BY RANGE (at);
CREATE TABLE @extschema@.parts_1 PARTITION OF @extschema@.parts DEFAULT;
CREATE INDEX parts_id ON @extschema@.parts (id);
CREATE TABLE @extschema@.child () INHERITS (@extschema@.log);
CREATE VIEW @extschema@.shown AS SELECT id, note FROM @extschema@.log;
CREATE MATERIALIZED VIEW @extschema@.counted AS SELECT 1 AS one;
`;

/** The same extension a version on: another index of the same name, a CHECK gone, a column gone, a trigger more. */
const nextScript = script
  .replace('log_status ON @extschema@.log (status)', 'log_status ON @extschema@.log (lower(status))')
  .replace(` CHECK (status IN ('on', 'off')), note text`, `, note text, more int`)
  .concat(
    'CREATE INDEX log_more ON @extschema@.log (more); CREATE UNIQUE INDEX log_once ON @extschema@.log (id, at);',
  );

let server: ExtensionServer;

beforeAll(async () => {
  server = await extensionServer(script, { '2.0': nextScript });
});

const install = 'CREATE SCHEMA keep; CREATE EXTENSION keeper SCHEMA keep;';

/** Names, and text, that must come out as they are. */
const use = String.raw`${install}
  CREATE TABLE mine (id int PRIMARY KEY, log int);
  INSERT INTO mine VALUES (7, NULL);
  CREATE FUNCTION double() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.value := NEW.value || NEW.value; RETURN NEW; END';
  CREATE FUNCTION half(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1 / 2';
  CREATE INDEX "lo""g 'at' $part$ $statements$" ON keep.log (at) WHERE note <> 'a''b $part$';
  COMMENT ON INDEX keep."lo""g 'at' $part$ $statements$" IS 'it''s mine';
  CREATE UNIQUE INDEX log_note ON keep.log (note, half(id));
  ALTER TABLE keep.log CLUSTER ON log_note;
  ALTER TABLE keep.log ADD CONSTRAINT long CHECK (length(note) > 1) NOT VALID;
  ALTER TABLE keep.log ADD CONSTRAINT "uni'que" UNIQUE (id, at) INCLUDE (note);
  ALTER TABLE keep.log ADD CONSTRAINT to_mine FOREIGN KEY (id) REFERENCES mine ON DELETE CASCADE;
  ALTER TABLE mine ADD CONSTRAINT to_log FOREIGN KEY (log) REFERENCES keep.log;
  CREATE TRIGGER passes BEFORE UPDATE ON keep.log FOR EACH ROW EXECUTE FUNCTION keep.pass();
  ALTER TABLE keep.log ENABLE ALWAYS TRIGGER passes;
  CREATE RULE loud AS ON UPDATE TO keep.log WHERE old.id < 0 DO ALSO (SELECT 1; SELECT 2);
  CREATE POLICY "some" ON keep.log FOR SELECT USING (id IN (SELECT id FROM mine));
  CREATE STATISTICS of_mine ON note, status FROM keep.log;
  CREATE INDEX config_value ON keep.config (value);
  CREATE TRIGGER double BEFORE INSERT ON keep.config FOR EACH ROW EXECUTE FUNCTION double();
  ALTER TABLE keep.config DISABLE TRIGGER pass;
  ALTER TABLE keep.config ENABLE TRIGGER pass;
  ALTER TABLE keep.config ENABLE ROW LEVEL SECURITY;
  INSERT INTO keep.config VALUES ('a', 'x');
  CREATE TRIGGER alone BEFORE INSERT ON keep.bare FOR EACH ROW EXECUTE FUNCTION double();
  CREATE INDEX parts_at ON keep.parts (at);
  CREATE RULE shown AS ON INSERT TO keep.shown DO INSTEAD NOTHING;
  CREATE UNIQUE INDEX counted_one ON keep.counted (one);
  CREATE VIEW grouped AS SELECT id, note FROM keep.log GROUP BY id;`;

/** Everything that is on tables of the extension, as the server writes it. */
const parts = async (database: BenchDatabase): Promise<readonly string[]> => {
  const found = await database.query<{ part: string }>(`SELECT part FROM (
      SELECT indexdef FROM pg_indexes WHERE schemaname = 'keep'
      UNION ALL SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'keep'::regnamespace
      UNION ALL SELECT pg_get_triggerdef(oid) || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
      UNION ALL SELECT pg_get_ruledef(oid) FROM pg_rewrite WHERE ev_type <> '1' AND oid > 16384
      UNION ALL SELECT polname || ' ' || pg_get_expr(polqual, polrelid) FROM pg_policy
      UNION ALL SELECT pg_get_statisticsobjdef(oid) FROM pg_statistic_ext
      UNION ALL SELECT relname || obj_description(oid, 'pg_class') FROM pg_class WHERE relnamespace = 'keep'::regnamespace
      UNION ALL SELECT relname || ' row security' FROM pg_class WHERE relrowsecurity
      UNION ALL SELECT indexrelid::regclass || ' clustered' FROM pg_index WHERE indisclustered
      UNION ALL SELECT 'config ' || value FROM keep.config
    ) AS of (part) WHERE part IS NOT NULL ORDER BY part COLLATE "C"`);
  return found.map(({ part }) => part);
};

const partsBench = async (options: BenchOptions = {}): Promise<Bench> =>
  createBench({ source: await server.database(), target: await server.database(), ...options });

describe('what a user put on tables of an extension', () => {
  test('is made where the extension’s script does not make it, with its comment', async () => {
    const bench = await partsBench();
    await bench.source.query(use);
    await bench.sync('replace');
    await expectEqual(bench);
    expect(await parts(bench.target)).toEqual(await parts(bench.source));
  });

  test.skipIf(lacks('client-tools'))(
    'is in a dump, for this tool and for psql, and is made again in place',
    async () => {
      const bench = await partsBench();
      await bench.source.query(use);
      const wanted = await parts(bench.source);
      const { dump } = await bench.export({ compression: 'none' });
      await bench.import({ id: dump?.dumpId ?? '' }, 'in-place');
      expect(await parts(bench.target)).toEqual(wanted);
      await bench.sync('in-place');
      await expectEqual(bench);
      expect(await parts(bench.target)).toEqual(wanted);
      const other = await server.database();
      const restored = await psql(other.url, ['--quiet', '--output=/dev/null', `--file=${dump?.file ?? ''}`]);
      expect(restored.stderr).toBe('');
      expect(await parts(other)).toEqual(wanted);
    },
  );

  test('what was taken from the extension’s own is named, and stops nothing', async () => {
    const bench = await partsBench();
    await bench.source.query(
      `${install} DROP INDEX keep.log_status; ALTER TABLE keep.log DISABLE TRIGGER pass`,
    );
    const said: string[] = [];
    await bench.sync('replace', {}, { onEvent: (event) => said.push(JSON.stringify(event)) });
    const differences = 'trigger pass on keep.log is different, index keep.log_status is too many';
    expect(said.filter((event) => event.includes(differences))).toHaveLength(1);
    const verified = await bench.verify();
    expect(verified.differences.map(({ name, difference }) => `${name} ${difference}`)).toEqual([
      'trigger pass on keep.log is different',
      'index keep.log_status is too many',
      'comment on index keep.log_status is too many',
    ]);
  });

  test('another version of the extension keeps what its own script makes; what is surely the user’s comes', async () => {
    const bench = await partsBench();
    await bench.source.query(`CREATE SCHEMA keep; CREATE EXTENSION keeper SCHEMA keep VERSION '2.0';
      CREATE INDEX log_at ON keep.log (at);
      CREATE TABLE mine (id int PRIMARY KEY);
      ALTER TABLE keep.log ADD CONSTRAINT to_mine FOREIGN KEY (id) REFERENCES mine;
      ALTER TABLE keep.log ADD CONSTRAINT long CHECK (length(note) > 1)`);
    await bench.sync('in-place');
    const { differences } = await bench.verify();
    expect(differences.map(({ name, difference }) => `${name} ${difference}`).sort()).toEqual([
      'check constraint log_status_check on keep.log is too many',
      'check constraint long on keep.log is missing',
      'index keep.log_more is missing',
      'index keep.log_once is missing',
      'index keep.log_status is different',
      'keeper is version 2.0 on the left and 1.0 on the right',
    ]);
  });
});

describe('and with other settings', () => {
  test('the schema may have another name', async () => {
    const bench = await partsBench({
      change: (config) => ({
        ...config,
        environments: new Map(
          [...config.environments].map(([name, environment]) => [
            name,
            name === 'dst' ? { ...environment, schema: 'multiboard' } : environment,
          ]),
        ),
      }),
    });
    await bench.source.query(
      use.replace(install, 'CREATE EXTENSION keeper SCHEMA public;').replaceAll('keep.', 'public.'),
    );
    for (const _again of [1, 2]) {
      const { warnings } = await bench.sync('in-place');
      expect(warnings).toEqual(['Schema "public" of the source is "multiboard" in the target.']);
    }
    await expectEqual(bench);
  });

  test('roles are mapped, and a part may be left out', async () => {
    const [here, there] = ['here', 'there'];
    await queryOnce(server.url, `CREATE ROLE ${here}; CREATE ROLE ${there}`);
    const bench = await partsBench({
      change: (config) => ({
        ...config,
        sync: {
          ...config.sync,
          roles: { [here]: there },
          leaveOut: [
            'check constraint long on keep.log',
            'trigger double on keep.config',
            'trigger alone on keep.bare',
          ],
        },
      }),
    });
    await bench.source.query(`${use} CREATE POLICY roled ON keep.log TO ${here} USING (id = 1)`);
    await bench.sync('replace');
    await expectEqual(bench);
    expect(
      await bench.target.query(
        `SELECT polroles::regrole[]::text AS roles FROM pg_policy WHERE polname = 'roled'`,
      ),
    ).toEqual([{ roles: `{${there}}` }]);
    const left = await parts(bench.target);
    expect(left.filter((part) => /keep\.log long| double | alone /.test(part))).toEqual([]);
  });
});

describe.each(modes)('what a user put on tables of an extension, %s', (mode) => {
  test('rows that a policy keeps are not changed by a user’s trigger, and the parts come', async () => {
    const bench = await partsBench({ policies: { 'keep.config': 'preserve' } });
    await bench.source.query(use);
    await bench.target.query(`${install} INSERT INTO keep.config VALUES ('mine', 'kept')`);
    await bench.sync(mode);
    await expectEqual(bench);
    const wanted = (await parts(bench.source)).filter((part) => !part.startsWith('config xx'));
    expect(await parts(bench.target)).toEqual([...wanted, 'config kept'].toSorted());
  });

  test('tables and partitions below those of the extension get what theirs got, and what attaching them makes', async () => {
    const bench = await partsBench();
    await bench.source.query(`${install}
      CREATE FUNCTION f(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1';
      CREATE TABLE below (extra int) INHERITS (keep.log);
      ALTER TABLE keep.log ADD CONSTRAINT long CHECK (length(note) > f(id));
      ALTER TABLE keep.child ADD CONSTRAINT own CHECK (f(id) = 1);
      INSERT INTO below (id, note) VALUES (5, 'long');
      CREATE TABLE mine (id int PRIMARY KEY); INSERT INTO mine VALUES (1);
      CREATE TABLE part PARTITION OF keep.parts FOR VALUES FROM ('2020-01-01') TO ('2021-01-01') PARTITION BY LIST (id);
      CREATE TABLE part_1 PARTITION OF part DEFAULT;
      CREATE TRIGGER cloned AFTER INSERT ON keep.parts FOR EACH ROW EXECUTE FUNCTION keep.pass();
      CREATE UNIQUE INDEX parts_once ON keep.parts (id, at);
      CREATE INDEX parts_at ON keep.parts (at);
      ALTER TABLE keep.parts ADD UNIQUE (id, at);
      COMMENT ON INDEX part_1_at_idx IS 'mine';
      ALTER TABLE keep.parts ADD CONSTRAINT positive CHECK (id > 0);
      ALTER TABLE keep.parts ADD FOREIGN KEY (id) REFERENCES mine;
      INSERT INTO keep.parts VALUES (1, '2020-05-05')`);
    const wanted = await parts(bench.source);
    // In place once more, over what is there.
    for (const run of mode === 'replace' ? [mode] : [mode, mode]) await bench.sync(run);
    await expectEqual(bench);
    expect(await parts(bench.target)).toEqual(wanted);
  });
});

test('an extension of the target that belongs to somebody else stays without it, and the plan says so', async () => {
  const own = await server.database();
  await queryOnce(server.url, `CREATE ROLE ordinary LOGIN PASSWORD 'x'`);
  await queryOnce(server.url, `ALTER DATABASE ${own.name} OWNER TO ordinary`);
  await own.query(
    `${install} GRANT USAGE ON SCHEMA keep TO ordinary; GRANT ALL ON keep.config, keep.bare TO ordinary`,
  );
  const url = new URL(own.url);
  url.username = 'ordinary';
  url.password = 'x';
  const bench = await createBench({ source: await server.database(), target: { ...own, url: url.href } });
  await bench.source.query(`${install} CREATE INDEX log_at ON keep.log (at)`);
  const { warnings } = await bench.sync('in-place', { owners: false, privileges: false });
  expect(warnings).toContain('index keep.log_at is not made: the extension of the target stays as it is.');
});

test('a plan for a target without the extension does not list what comes with it', async () => {
  const bench = await partsBench();
  await bench.source.query(install);
  const { differences } = await bench.verify();
  expect(differences.map(({ name }) => name).filter((name) => name.includes('keep.log'))).toEqual([]);
});

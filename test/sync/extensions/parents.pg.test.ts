import { beforeAll, expect, test } from 'vitest';
import { dumpEntries } from '../../catalog/oracle/dump-entries.ts';
import { psql } from '../../support/client-tools.ts';
import { createBench, expectEqual, modes } from '../../harness/environment-pair.ts';
import type { BenchDatabase } from '../../harness/environment-pair.ts';
import { extensionServer } from '../../harness/extension-server.ts';
import type { ExtensionServer } from '../../harness/extension-server.ts';

/** As queues do it: the extension brings a template, and a table of each queue inherits from it. */
const script = `
CREATE TABLE @extschema@.template (id serial PRIMARY KEY, note text NOT NULL DEFAULT 'usual', CHECK (note <> ''));
CREATE TABLE @extschema@.parts (id int, at date NOT NULL) PARTITION BY RANGE (at);
CREATE FUNCTION @extschema@.known(int) RETURNS boolean LANGUAGE sql
  AS 'SELECT EXISTS (SELECT FROM @extschema@.template WHERE id = $1)';
SELECT pg_extension_config_dump('@extschema@.template', 'WHERE id > 0');
`;

const use = `CREATE SCHEMA keep; CREATE EXTENSION keeper SCHEMA keep;
  CREATE TABLE queue (priority int) INHERITS (keep.template);
  ALTER TABLE queue ALTER note DROP DEFAULT;
  CREATE TABLE more (PRIMARY KEY (id)) INHERITS (queue);
  CREATE TABLE named (note text DEFAULT 'own', id int) INHERITS (keep.template);
  CREATE TABLE first PARTITION OF keep.parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
  CREATE INDEX ON first (id);
  INSERT INTO keep.template (note) VALUES ('of the template');
  INSERT INTO keep.template (note) SELECT repeat('x', 300) FROM generate_series(1, 20000);
  CREATE TABLE uses (id int CHECK (keep.known(id)));
  INSERT INTO uses VALUES (20001);
  INSERT INTO queue (note, priority) VALUES ('a', 1); INSERT INTO more (note) VALUES ('b'); INSERT INTO named (id) VALUES (9);
  INSERT INTO keep.parts VALUES (1, '2026-05-05');`;

let server: ExtensionServer;

beforeAll(async () => {
  server = await extensionServer(script);
});

const rows = async (target: BenchDatabase): Promise<unknown> =>
  target.query(
    'SELECT tableoid::regclass::text AS "table", t::text AS "row" FROM keep.template AS t' +
      ' UNION ALL SELECT tableoid::regclass::text, p::text FROM keep.parts AS p ORDER BY 1, 2',
  );

test.each(modes)('tables below those of extensions come with their parents, %s', async (mode) => {
  const bench = await createBench({ source: await server.database(), target: await server.database() });
  await bench.source.query(use);
  // In place once more, over what is there now.
  for (const run of mode === 'replace' ? [mode] : [mode, mode]) await bench.sync(run);
  await expectEqual(bench);
  expect(await rows(bench.target)).toEqual(await rows(bench.source));
  const entries = await dumpEntries(bench.source.url);
  expect(await dumpEntries(bench.target.url)).toEqual(entries);
  if (mode === 'in-place') return;
  const { dump } = await bench.export({ compression: 'none' });
  const other = await server.database();
  const restored = await psql(other.url, ['--quiet', '--output=/dev/null', `--file=${dump?.file ?? ''}`]);
  expect(restored.stderr).toBe('');
  expect(await dumpEntries(other.url)).toEqual(entries);
});

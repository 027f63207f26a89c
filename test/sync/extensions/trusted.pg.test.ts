import { beforeAll, expect, test } from 'vitest';
import { queryOnce } from '../../support/postgres-connection.ts';
import { createBench, modes } from '../../harness/environment-pair.ts';
import { extensionServer } from '../../harness/extension-server.ts';
import type { ExtensionServer } from '../../harness/extension-server.ts';

const script = `
CREATE TABLE @extschema@.watched (id int PRIMARY KEY, note text);
CREATE FUNCTION @extschema@.pass() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER pass BEFORE INSERT ON @extschema@.watched FOR EACH ROW EXECUTE FUNCTION @extschema@.pass();
SELECT pg_extension_config_dump('@extschema@.watched', '');
GRANT ALL ON @extschema@.watched TO PUBLIC;
`;

let server: ExtensionServer;

beforeAll(async () => {
  server = await extensionServer(script);
  await queryOnce(server.url, `CREATE ROLE ordinary LOGIN CREATEDB PASSWORD 'x'`);
});

/** Its tables are not the role's, which may write to them: triggers that only an owner disables stay on. */
test.each(modes)('rows of a trusted extension, by an ordinary owner (%s)', async (mode) => {
  const [source, target] = [await server.database(), await server.database()];
  await queryOnce(server.url, `ALTER DATABASE ${target.name} OWNER TO ordinary`);
  await source.query(`CREATE SCHEMA keep; CREATE EXTENSION keeper SCHEMA keep;
    INSERT INTO keep.watched VALUES (1, 'one'), (2, NULL)`);
  const url = new URL(target.url);
  url.username = 'ordinary';
  url.password = 'x';
  const bench = await createBench({ source, target: { ...target, url: url.href } });
  for (const _again of [1, 2]) await bench.sync(mode, { owners: false, privileges: false });
  expect(await target.query('SELECT id, note FROM keep.watched ORDER BY id')).toEqual([
    { id: 1, note: 'one' },
    { id: 2, note: null },
  ]);
  expect(await target.query(`SELECT tgenabled FROM pg_trigger WHERE tgname = 'pass'`)).toEqual([
    { tgenabled: 'O' },
  ]);
});

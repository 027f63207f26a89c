import { beforeAll, describe, expect, test } from 'vitest';
import { psql } from '../../support/client-tools.ts';
import { lacks } from '../../support/lacks.ts';
import { createBench, expectEqual, modes } from '../../harness/environment-pair.ts';
import type { Bench, BenchDatabase, BenchOptions } from '../../harness/environment-pair.ts';
import { failure } from '../../harness/failure.ts';
import { extensionServer } from '../../harness/extension-server.ts';
import type { ExtensionServer } from '../../harness/extension-server.ts';

/**
 * An extension whose tables hold users' rows: with and without a condition, with rows of its own among them, referring
 * to each other and to themselves, with names and columns that need quoting, and with sequences.
 */
const script = String.raw`
CREATE TABLE @extschema@."se""t %" (id serial PRIMARY KEY, "na""me" text, twice int GENERATED ALWAYS AS (id * 2) STORED, builtin bool NOT NULL DEFAULT false);
INSERT INTO @extschema@."se""t %" ("na""me", builtin) VALUES ('one', true), ('two', true);
CREATE TABLE @extschema@.a_child (parent int, note text);
CREATE TABLE @extschema@.parent (id int PRIMARY KEY, above int REFERENCES @extschema@.parent);
ALTER TABLE @extschema@.a_child ADD FOREIGN KEY (parent) REFERENCES @extschema@.parent;
INSERT INTO @extschema@.parent VALUES (1, NULL), (2, 1);
INSERT INTO @extschema@.a_child VALUES (1, 'from the script'), (2, 'from the script');
CREATE TABLE @extschema@.private (id int);
INSERT INTO @extschema@.private VALUES (1);
CREATE SEQUENCE @extschema@.numbers;
CREATE TABLE @extschema@.doubled (a int);
CREATE FUNCTION @extschema@.double() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF TG_OP = ''DELETE'' THEN RETURN NULL; END IF; NEW.a := NEW.a * 2; RETURN NEW; END';
CREATE TRIGGER "dou""ble" BEFORE INSERT OR DELETE ON @extschema@.doubled FOR EACH ROW EXECUTE FUNCTION @extschema@.double();
ALTER TABLE @extschema@.doubled ENABLE ALWAYS TRIGGER "dou""ble";
INSERT INTO @extschema@.doubled VALUES (50);
SELECT pg_extension_config_dump('@extschema@.doubled', '');
SELECT pg_extension_config_dump('@extschema@."se""t %"', 'WHERE NOT builtin AND "na""me" <> ''-- '' ORDER BY id -- last');
SELECT pg_extension_config_dump('@extschema@.a_child', '');
SELECT pg_extension_config_dump('@extschema@.parent', '');
SELECT pg_extension_config_dump('@extschema@.numbers', '');
SELECT pg_extension_config_dump('@extschema@."se""t %_id_seq"', '');
`;

let server: ExtensionServer;

beforeAll(async () => {
  server = await extensionServer(script);
});

async function keeperBench(options: BenchOptions = {}): Promise<Bench> {
  return createBench({ source: await server.database(), target: await server.database(), ...options });
}

const install = 'CREATE SCHEMA keep; CREATE EXTENSION keeper SCHEMA keep;';

/** What a user of the extension does to its rows: adds, and removes what the script had put there. */
const use = String.raw`${install}
  INSERT INTO keep."se""t %" ("na""me") VALUES ('mine'), (E'tab\t\\.\n%'), (NULL), ('-- ');
  DELETE FROM keep.a_child; DELETE FROM keep.parent WHERE id = 2;
  INSERT INTO keep.parent VALUES (5, 9), (9, 1), (10, 5);
  INSERT INTO keep.a_child VALUES (9, 'mine'), (10, NULL), (10, NULL);
  SELECT nextval('keep.numbers') FROM generate_series(1, 7);
  INSERT INTO keep.doubled VALUES (1), (2);
  CREATE TABLE of_mine (id int PRIMARY KEY REFERENCES keep.parent); INSERT INTO of_mine VALUES (9);`;

const rows = async (target: BenchDatabase): Promise<unknown> => {
  const [found] = await target.query(
    String.raw`SELECT
      ARRAY(SELECT s::text FROM keep."se""t %" AS s ORDER BY id, builtin) AS settings,
      ARRAY(SELECT p::text FROM keep.parent AS p ORDER BY id) AS parents,
      ARRAY(SELECT c::text FROM keep.a_child AS c ORDER BY 1) AS children,
      ARRAY(SELECT p::text FROM keep.private AS p ORDER BY 1) AS private,
      ARRAY(SELECT a FROM keep.doubled ORDER BY 1) AS doubled,
      (SELECT ROW(last_value, is_called)::text FROM keep.numbers) AS numbers,
      (SELECT ROW(last_value, is_called)::text FROM keep."se""t %_id_seq") AS ids`,
  );
  return found;
};

const copied = {
  settings: ['(1,one,2,t)', '(2,two,4,t)', '(3,mine,6,f)', '(4,"tab\t\\\\.\n%",8,f)'],
  parents: ['(1,)', '(5,9)', '(9,1)', '(10,5)'],
  children: ['(10,)', '(10,)', '(9,mine)'],
  private: ['(1)'],
  doubled: [2, 4, 100],
  numbers: '(7,t)',
  ids: '(6,t)',
};

describe.each(modes)('rows of extensions’ tables, %s', (mode) => {
  test('come as they are, without the script’s own twice: its triggers wait; an undo brings the old ones back', async () => {
    const bench = await keeperBench();
    await bench.source.query(use);
    await bench.target.query(
      `${install} INSERT INTO keep.parent VALUES (77, 1); INSERT INTO keep."se""t %" ("na""me") VALUES ('old')`,
    );
    const before = await rows(bench.target);
    const receipt = await bench.sync(mode);
    expect(await rows(bench.target)).toEqual(copied);
    expect(receipt.tables.map(({ table, rows: count }) => [table, count])).toEqual([
      ['keep."se""t %"', 2],
      ['keep.a_child', 3],
      ['keep.doubled', 3],
      ['keep.parent', 4],
      ['public.of_mine', 1],
    ]);
    await expectEqual(bench);
    // The trigger works again.
    expect(await bench.target.query("SELECT tgenabled FROM pg_trigger WHERE tgname = 'dou\"ble'")).toEqual([
      { tgenabled: 'A' },
    ]);
    expect(await bench.target.query('INSERT INTO keep.doubled VALUES (3) RETURNING a')).toEqual([{ a: 6 }]);
    await bench.rollback(receipt.jobId);
    expect(await rows(bench.target)).toEqual(before);
  });

  test('rows that the policy keeps stay, also those of an excluded table; schemaOnly brings none', async () => {
    const bench = await keeperBench({
      policies: {
        'keep.parent': 'preserve',
        'keep.doubled': 'preserve',
        'keep.a_child': 'exclude',
        'keep."se""t %"': 'schemaOnly',
      },
    });
    await bench.source.query(use.replace(/CREATE TABLE of_mine.*/s, ''));
    await bench.target
      .query(`${install} INSERT INTO keep.parent VALUES (77, 1); INSERT INTO keep.a_child VALUES (77, 'kept');
      INSERT INTO keep."se""t %" ("na""me") VALUES ('old')`);
    const receipt = await bench.sync(mode);
    const state = await rows(bench.target);
    expect(await bench.target.query('SELECT a FROM keep.doubled')).toEqual([{ a: 100 }]);
    expect(state).toMatchObject({
      settings: ['(1,one,2,t)', '(2,two,4,t)'],
      parents: ['(1,)', '(2,1)', '(77,1)'],
      children: ['(1,"from the script")', '(2,"from the script")', '(77,kept)'],
    });
    expect(receipt.tables.map(({ table, content }) => [table, content])).toEqual([
      ['keep."se""t %"', 'empty'],
      ['keep.a_child', 'kept'],
      ['keep.doubled', 'kept'],
      ['keep.parent', 'kept'],
    ]);
    // Kept rows that people change since come along with an undo.
    await bench.target.query(
      `INSERT INTO keep.parent VALUES (78, 77); INSERT INTO keep.a_child VALUES (78, 'since')`,
    );
    await bench.rollback(receipt.jobId);
    expect(await rows(bench.target)).toMatchObject({
      parents: ['(1,)', '(2,1)', '(77,1)', '(78,77)'],
      children: ['(1,"from the script")', '(2,"from the script")', '(77,kept)', '(78,since)'],
    });
  });
});

test.skipIf(lacks('client-tools'))(
  'a dump holds rows of extensions’ tables, for this tool and for psql',
  async () => {
    const bench = await keeperBench();
    await bench.source.query(use);
    const { dump } = await bench.export({ compression: 'none' });
    await bench.import({ id: dump?.dumpId ?? '' }, 'in-place');
    expect(await rows(bench.target)).toEqual(copied);
    const other = await server.database();
    const restored = await psql(other.url, ['--quiet', '--output=/dev/null', `--file=${dump?.file ?? ''}`]);
    expect(restored.stderr).toBe('');
    expect(await rows(other)).toEqual(copied);
  },
);

test('verify names rows of extensions that differ, and only those that count', async () => {
  const bench = await keeperBench();
  await bench.source.query(use);
  await bench.sync('replace');
  await bench.target.query(
    `INSERT INTO keep."se""t %" ("na""me", builtin) VALUES ('of the extension', true)`,
  );
  const { differences } = await bench.verify();
  expect(differences.map(({ name }) => name)).toEqual(['value of sequence keep."se""t %_id_seq"']);
  await bench.target.query(`INSERT INTO keep.parent VALUES (11, 1)`);
  const after = await bench.verify();
  expect(after.tables.find(({ table }) => table === 'keep.parent')).toMatchObject({
    equal: false,
    differingKeys: ['(11)'],
  });
});

test('an extension that is left out is not compared, nor are its rows', async () => {
  const bench = await keeperBench();
  await bench.source.query(`${install} INSERT INTO keep.parent VALUES (7, 1); CREATE TABLE mine (id int)`);
  const leaveOut = ['extension keeper'];
  await bench.sync('replace', { leaveOut });
  expect(await bench.verify({ leaveOut })).toMatchObject({ equal: true, differences: [] });
  expect((await bench.verify()).equal).toBe(false);
});

test('a row that a foreign key of the target refuses stops the run before the rows', async () => {
  const bench = await keeperBench({ policies: { 'keep.parent': 'preserve' } });
  await bench.source.query(use.replace(/CREATE TABLE of_mine.*/s, ''));
  await bench.target.query(`${install} INSERT INTO keep.parent VALUES (77, 1)`);
  const error = await failure(bench.sync('replace'));
  expect([error.code, error.message.includes('keep.a_child')]).toEqual(['TARGET_KEPT_TABLE', true]);
});

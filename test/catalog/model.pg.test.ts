import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareModels } from '../../src/catalog/compare.ts';
import type { CatalogModel } from '../../src/catalog/model.ts';
import { readCatalog } from '../../src/catalog/read-catalog.ts';
import type { PipelineQueryable } from '../../src/postgres/session.ts';
import { testDatabase } from '../support/postgres.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { modelOf, withSession } from './oracle.ts';

const schema = `
  CREATE TYPE color AS ENUM ('red', 'green');
  CREATE TABLE part (id serial, name text NOT NULL, twice integer GENERATED ALWAYS AS (1) STORED, PRIMARY KEY (name, id));
  CREATE SEQUENCE free START 7;
  CREATE SEQUENCE stepped;
  SELECT setval('stepped', 9007199254740993);
  INSERT INTO part (name) SELECT repeat('x', 3000) FROM generate_series(1, 3);
  CREATE TABLE by_color (c color, d date) PARTITION BY HASH (c);
  CREATE TABLE by_color_0 PARTITION OF by_color FOR VALUES WITH (MODULUS 1, REMAINDER 0) PARTITION BY RANGE (d);
  CREATE TABLE by_color_0_all PARTITION OF by_color_0 DEFAULT;
  CREATE TABLE by_list (c color) PARTITION BY LIST (c);
  CREATE TABLE by_list_red PARTITION OF by_list FOR VALUES IN ('red');
  CREATE TABLE by_colors (c color[]) PARTITION BY HASH (c);
  CREATE TABLE by_colors_0 PARTITION OF by_colors FOR VALUES WITH (MODULUS 1, REMAINDER 0);
  CREATE TABLE child (id integer PRIMARY KEY, n text, i integer, FOREIGN KEY (n, i) REFERENCES part);
  CREATE INDEX child_n ON child (n);
  CREATE VIEW v AS SELECT id FROM child;
  CREATE MATERIALIZED VIEW m AS SELECT id FROM v;
`;

describe('the model', () => {
  let database: TestDatabase;
  let model: CatalogModel;

  beforeAll(async () => {
    database = await testDatabase('model');
    await database.query(schema);
    model = await modelOf(database.url);
  });

  afterAll(() => database?.drop());

  const byIdentity = (identity: string) => {
    const found = model.objects.find((object) => object.identity === identity);
    if (found === undefined) throw new Error(`no ${identity}`);
    return found;
  };

  it('knows the server', async () => {
    const [row] = await database.query<{ id: string; oid: number }>(
      `SELECT system_identifier::text AS id, d.oid FROM pg_control_system(), pg_database AS d WHERE d.datname = current_database()`,
    );
    expect(model.server).toMatchObject({
      systemIdentifier: row?.id,
      databaseOid: row?.oid,
      databaseName: database.name,
      encoding: 'UTF8',
    });
    expect(Math.floor(model.server.versionNum / 10_000)).toBe(18);
  });

  it('lists the tables that hold rows, by name, with what copying them needs', () => {
    expect(model.tables.map(({ name }) => name)).toEqual([
      'by_color_0_all',
      'by_colors_0',
      'by_list_red',
      'child',
      'part',
    ]);
    const part = model.tables.at(-1);
    expect(part).toMatchObject({
      id: byIdentity('table public.part').id,
      schema: 'public',
      columns: [
        { name: 'id', type: 'integer', notNull: true, generated: false, hasDefault: true },
        { name: 'name', type: 'text', notNull: true, generated: false, hasDefault: false },
        { name: 'twice', type: 'integer', notNull: false, generated: true, hasDefault: true },
      ],
      keyColumns: ['name', 'id'],
      loadThrough: null,
      extensionConfig: false,
      condition: null,
    });
    expect(part?.bytes).toBeGreaterThanOrEqual(8192);
  });

  it('sends rows through the root where the hash of an enum chooses the partition, at any level', () => {
    const through = Object.fromEntries(model.tables.map(({ name, loadThrough }) => [name, loadThrough]));
    expect(through).toMatchObject({
      by_color_0_all: { schema: 'public', name: 'by_color' },
      by_colors_0: { schema: 'public', name: 'by_colors' },
      by_list_red: null,
    });
  });

  it('keeps sequences beyond the numbers of JavaScript, and whether they were called', () => {
    expect(model.sequences).toMatchObject([
      { name: 'free', lastValue: '7', isCalled: false, ownedByTable: null },
      {
        name: 'part_id_seq',
        lastValue: '3',
        isCalled: true,
        ownedByTable: byIdentity('table public.part').id,
      },
      { name: 'stepped', lastValue: '9007199254740993', isCalled: true, ownedByTable: null },
    ]);
  });

  it('says what each statement after the rows locks and needs', () => {
    const part = byIdentity('table public.part').id;
    const child = byIdentity('table public.child').id;
    const foreignKey = byIdentity('foreign key child_n_i_fkey on public.child');
    expect(foreignKey.locks).toEqual([
      { table: child, mode: 'exclusive' },
      { table: part, mode: 'exclusive' },
    ]);
    expect(foreignKey.dependsOn).toEqual(
      [child, part, byIdentity('primary key part_pkey on public.part').id].sort(),
    );
    expect(byIdentity('index public.child_n').locks).toEqual([{ table: child, mode: 'share' }]);
    const refresh = byIdentity('contents of materialized view public.m');
    expect(refresh.dependsOn).toContain(byIdentity('primary key child_pkey on public.child').id);
    expect(refresh.dependsOn).toContain(byIdentity('owner of view public.v').id);
  });

  it('asks the same number of questions whatever the number of objects', async () => {
    const questions = async (): Promise<{ count: number; trips: number }> =>
      withSession(database.url, 'source', async (session) => {
        let count = 0;
        let trips = 0;
        const counting: PipelineQueryable = {
          query: (...call) => {
            count += 1;
            trips += 1;
            return session.query(...call);
          },
          pipeline: (statements, ...call) => {
            count += statements.length;
            trips += 1;
            return session.pipeline(statements, ...call);
          },
        };
        await readCatalog(counting);
        return { count, trips };
      });
    const before = await questions();
    await database.query(
      `DO $$ BEGIN FOR i IN 1..20 LOOP EXECUTE format('CREATE TABLE many_%s (id serial PRIMARY KEY, c color)', i); END LOOP; END $$`,
    );
    expect(await questions()).toEqual(before);
    expect(before.count).toBeLessThan(80);
    expect(before.trips).toBeLessThan(12);
  });

  it('stops when it is told to', async () => {
    const reason = new Error('enough');
    const signal = AbortSignal.abort(reason);
    await expect(
      withSession(database.url, 'source', (session) => readCatalog(session, {}, { signal })),
    ).rejects.toBe(reason);
  });
});

describe('an empty database', () => {
  it('has no objects, and nothing that cannot be carried', async () => {
    const empty = await testDatabase('empty');
    const { objects, tables, sequences, unsupported, extensions } = await modelOf(empty.url);
    await empty.drop();
    expect({ objects, tables, sequences, unsupported, extensions }).toEqual({
      objects: [],
      tables: [],
      sequences: [],
      unsupported: [],
      extensions: [],
    });
  });
});

describe('comparison', () => {
  let left: TestDatabase;
  let right: TestDatabase;

  beforeAll(async () => {
    left = await testDatabase('left');
    right = await testDatabase('right');
    await left.query(schema);
    await right.query(schema);
  });

  afterAll(async () => {
    await left?.drop();
    await right?.drop();
  });

  it('finds two equal databases equal', async () => {
    expect(
      compareModels(await modelOf(left.url), await modelOf(right.url), { owners: true, privileges: true }),
    ).toEqual([]);
  });

  it('names what is missing, too many, different or unreadable', async () => {
    await right.query(`
      DROP INDEX child_n; CREATE TABLE extra (); ALTER TABLE part ALTER COLUMN name SET DEFAULT 'x';
      SELECT nextval('free'); GRANT SELECT ON part TO pg_monitor; CREATE COLLATION odd FROM "C"`);
    const models = [await modelOf(left.url), await modelOf(right.url)] as const;
    expect(compareModels(...models)).toEqual([
      { kind: 'table', name: 'table public.part', difference: 'is different' },
      { kind: 'sequence', name: 'value of sequence public.free', difference: 'is different' },
      { kind: 'object', name: 'index public.child_n', difference: 'is missing' },
      { kind: 'object', name: 'collation public.odd', difference: 'is too many' },
      { kind: 'table', name: 'table public.extra', difference: 'is too many' },
    ]);
    expect(compareModels(...models, { privileges: true })).toContainEqual({
      kind: 'object',
      name: 'privileges on table public.part',
      difference: 'is too many',
    });
  });
});

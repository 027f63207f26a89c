import { unsupportedText } from '../../src/catalog/unsupported/unsupported.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCatalog } from '../../src/catalog/read-catalog.ts';
import type { CatalogScope } from '../../src/catalog/catalog-scope.ts';
import type { CatalogModel } from '../../src/catalog/model.ts';
import { lacks } from '../support/lacks.ts';
import { olderMajors } from '../support/needs.ts';
import { serverBinaries } from '../support/servers/fetch.ts';
import { testDatabase, testRole } from '../support/postgres.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { runPsql, withSession } from './oracle.ts';
import { startServer } from './servers.ts';

/** Read within a transaction of its own, as `scope` says. */
function read(url: string, scope: CatalogScope = {}): Promise<CatalogModel> {
  return withSession(url, 'source', (session) => readCatalog(session, scope));
}

/** Runs every statement of a model in a new database; the same server. */
async function remade(model: CatalogModel, target: TestDatabase): Promise<TestDatabase> {
  await withSession(target.url, 'target', async (session) => {
    for (const { sql } of model.objects) await session.execute(sql);
  });
  return target;
}

function sqlOf(model: CatalogModel, identity: string): string | undefined {
  return model.objects.find((object) => object.identity === identity)?.sql;
}

describe('tables and foreign data, where pg_dump is no oracle', () => {
  it('carries options of user mappings only when asked, and says what it left', async () => {
    const database = await testDatabase('mappings');
    const user = await testRole();
    await database.query(
      `CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w;
       CREATE USER MAPPING FOR "${user.name}" SERVER s OPTIONS (password 'it''s secret', "na me" '');
       CREATE USER MAPPING FOR PUBLIC SERVER s`,
    );
    const identity = `user mapping for ${user.name} on server s`;
    const silent = await read(database.url);
    expect(sqlOf(silent, identity)).toBe(`CREATE USER MAPPING FOR "${user.name}" SERVER "s";`);
    expect(JSON.stringify(silent)).not.toContain('secret');
    expect(silent.withheld).toEqual([{ kind: 'user mapping', identity: `options of ${identity}` }]);
    expect(silent.unsupported).toEqual([]);

    const asked = await read(database.url, { secrets: true });
    expect(sqlOf(asked, identity)).toBe(
      `CREATE USER MAPPING FOR "${user.name}" SERVER "s" OPTIONS ("na me" '', "password" 'it''s secret');`,
    );
    expect(asked.withheld).toEqual([]);
    expect(asked.unsupported).toEqual([]);
    expect(
      await read((await remade(asked, await testDatabase('again'))).url, { secrets: true }),
    ).toMatchObject({
      objects: asked.objects.map(({ identity: same, sql }) => ({ identity: same, sql })),
    });

    const ordinary = new URL(database.url);
    ordinary.username = user.name;
    ordinary.password = user.password;
    const hidden = await read(ordinary.href, { secrets: true });
    expect(hidden.unsupported.map(unsupportedText)).toEqual([
      'options of user mapping for PUBLIC on server s, which this role may not see',
      `options of ${identity}, which this role may not see`,
    ]);
    expect((await read(ordinary.href)).withheld.map(({ identity: name }) => name)).toEqual([
      'options of user mapping for PUBLIC on server s',
      `options of ${identity}`,
    ]);
  });

  it.skipIf(lacks('client-tools'))(
    'keeps tablespaces, names them, and leaves them out when told',
    async () => {
      const database = await testDatabase('tablespaces');
      const space = `odd "space" of ${database.name}`;
      const quoted = `"${space.replaceAll('"', '""')}"`;
      await runPsql(
        database.url,
        `SET allow_in_place_tablespaces = on;\nCREATE TABLESPACE ${quoted} LOCATION '';`,
      );
      await database.query(
        `CREATE TABLE moved (id integer) TABLESPACE ${quoted};
       CREATE TABLE here (id integer, r int4range,
         CONSTRAINT key PRIMARY KEY (id) USING INDEX TABLESPACE ${quoted},
         CONSTRAINT apart EXCLUDE USING gist (r WITH &&) USING INDEX TABLESPACE ${quoted});
       CREATE INDEX away ON here (id) TABLESPACE ${quoted};
       CREATE INDEX stays ON moved (id);
       CREATE TABLE parted (k integer) PARTITION BY LIST (k) TABLESPACE ${quoted};
       CREATE TABLE parted_1 PARTITION OF parted DEFAULT;
       CREATE INDEX parted_k ON parted (k) TABLESPACE ${quoted};
       CREATE MATERIALIZED VIEW seen TABLESPACE ${quoted} AS SELECT 1 AS one`,
      );
      const places = `SELECT relname, spcname FROM pg_class LEFT JOIN pg_tablespace AS t ON t.oid = reltablespace
      WHERE relnamespace = 'public'::regnamespace ORDER BY relname`;
      const model = await read(database.url);
      expect(model.unsupported).toEqual([]);
      const kept = await remade(model, await testDatabase('kept'));
      expect(await kept.query(places)).toEqual(await database.query(places));
      expect(new Set(model.objects.flatMap(({ tablespaces }) => tablespaces))).toEqual(new Set([space]));

      const left = await read(database.url, { tablespaces: false });
      const flat = await remade(left, await testDatabase('left'));
      const flatPlaces = await flat.query<{ relname: string; spcname: string | null }>(places);
      expect(flatPlaces.map(({ spcname }) => spcname)).toEqual(flatPlaces.map(() => null));
      expect(flatPlaces.length).toBe((await database.query(places)).length);
      expect(left.objects.flatMap(({ tablespaces }) => tablespaces)).toEqual([]);
      for (const one of [database, kept, flat]) await one.drop();
      const other = await testDatabase('last');
      await other.query(`DROP TABLESPACE ${quoted}`);
    },
  );

  it('keeps what children have of their own and pg_dump forgets', async () => {
    const database = await testDatabase('children');
    await database.query(
      `CREATE TABLE parent (a text, b text COMPRESSION pglz, c integer, d integer GENERATED ALWAYS AS (c * 2) STORED);
       ALTER TABLE parent ALTER COLUMN a SET STORAGE EXTERNAL;
       CREATE TABLE child () INHERITS (parent);
       ALTER TABLE ONLY child ALTER COLUMN a SET STORAGE EXTENDED, ALTER COLUMN b SET COMPRESSION DEFAULT;
       ALTER TABLE ONLY child ALTER COLUMN d SET EXPRESSION AS (c * 3);
       ALTER TABLE parent ADD CONSTRAINT "from above" CHECK (c > 0);
       ALTER TABLE parent ADD CONSTRAINT "later above" CHECK (c > 1) NOT VALID;
       COMMENT ON CONSTRAINT "from above" ON child IS 'of the child';
       COMMENT ON CONSTRAINT "later above" ON child IS 'of the child, later';
       CREATE TABLE late (p integer); CREATE TABLE late_child () INHERITS (late); CREATE TABLE late_grandchild () INHERITS (late_child);
       ALTER TABLE late_grandchild ADD CONSTRAINT own NOT NULL p NOT VALID;
       ALTER TABLE late ADD CONSTRAINT above NOT NULL p NOT VALID;
       COMMENT ON CONSTRAINT above ON late_child IS 'handed down'`,
    );
    const model = await read(database.url);
    expect(model.unsupported).toEqual([]);
    const copy = await remade(model, await testDatabase('copy'));
    const facts = `SELECT attrelid::regclass::text AS t, attname, attislocal, attinhcount, attstorage, attcompression,
        pg_get_expr(adbin, adrelid) AS value
      FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
      WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace) AND attnum > 0
      ORDER BY t, attnum`;
    expect(await copy.query(facts)).toEqual(await database.query(facts));
    const constraints = `SELECT conrelid::regclass::text AS t, conname, contype, convalidated, conislocal, coninhcount,
        obj_description(oid, 'pg_constraint') AS comment
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY t, conname`;
    expect(await copy.query(constraints)).toEqual(await database.query(constraints));
  });

  it('makes keys that exclude on partitioned tables, under their names, which pg_dump cannot', async () => {
    const database = await testDatabase('excluding');
    await database.query(
      `CREATE EXTENSION btree_gist;
       CREATE TABLE stay (id integer, span daterange, CONSTRAINT stay_pk PRIMARY KEY (id, span WITHOUT OVERLAPS),
         CONSTRAINT "ex; '$" EXCLUDE USING gist (id WITH =, span WITH &&)) PARTITION BY LIST (id);
       CREATE TABLE stay_1 PARTITION OF stay FOR VALUES IN (1);
       CREATE TABLE stay_2 PARTITION OF stay FOR VALUES IN (2) PARTITION BY LIST (id);
       CREATE TABLE stay_2_1 PARTITION OF stay_2 DEFAULT;
       ALTER TABLE stay_2_1 RENAME CONSTRAINT stay_2_1_pkey TO "its own 'name; $$";
       ALTER TABLE stay_1 ADD CONSTRAINT alone EXCLUDE USING gist (span WITH &&);
       ALTER INDEX stay_1_pkey SET (fillfactor = 50);
       CREATE TABLE guest (stay integer, span daterange,
         FOREIGN KEY (stay, PERIOD span) REFERENCES stay (id, PERIOD span));
       COMMENT ON CONSTRAINT "its own 'name; $$" ON stay_2_1 IS 'of a part';
       INSERT INTO stay VALUES (1, '[2024-01-01,2025-01-01)'), (2, '[2024-01-01,2025-01-01)')`,
    );
    const model = await read(database.url);
    expect(model.unsupported).toEqual([]);
    const copy = await remade(model, await testDatabase('copy'));
    const facts = `SELECT k.conrelid::regclass::text AS t, k.conname, k.contype, p.conname AS parent, k.coninhcount, k.conislocal,
        i.indisvalid, c.relname AS index, c.reloptions, obj_description(k.oid, 'pg_constraint') AS comment
      FROM pg_constraint AS k LEFT JOIN pg_constraint AS p ON p.oid = k.conparentid
      LEFT JOIN pg_class AS c ON c.oid = k.conindid LEFT JOIN pg_index AS i ON i.indexrelid = c.oid
      WHERE k.connamespace = 'public'::regnamespace ORDER BY 1, 2`;
    expect(await copy.query(facts)).toEqual(await database.query(facts));
    expect((await read(copy.url)).objects.map(({ sql }) => sql)).toEqual(model.objects.map(({ sql }) => sql));
  });

  it('names defaults that parents disagree about, with what helps', async () => {
    const database = await testDatabase('disagree');
    await database.query(
      `CREATE TABLE one (a integer); CREATE TABLE two (a integer); CREATE TABLE child () INHERITS (one, two);
       ALTER TABLE ONLY one ALTER COLUMN a SET DEFAULT 1; ALTER TABLE ONLY two ALTER COLUMN a SET DEFAULT 2`,
    );
    const { unsupported } = await read(database.url);
    expect(unsupported.map(unsupportedText)).toEqual([
      'table public.child, whose parents give column a different defaults (DROP DEFAULT on the parents makes them one)',
    ]);
    await database.query('ALTER TABLE ONLY two ALTER COLUMN a SET DEFAULT 1');
    expect((await read(database.url)).unsupported).toEqual([]);
  });

  it('names storage and compression that parents disagree about, with what helps', async () => {
    const database = await testDatabase('stored_apart');
    await database.query(
      `CREATE TABLE top (a text, b text COMPRESSION pglz); CREATE TABLE side () INHERITS (top);
       CREATE TABLE both_ () INHERITS (side, top); CREATE TABLE own (a text, b text) INHERITS (side, top);
       ALTER TABLE ONLY side ALTER COLUMN a SET STORAGE EXTERNAL, ALTER COLUMN b SET COMPRESSION DEFAULT`,
    );
    const { unsupported } = await read(database.url);
    expect(unsupported.map(unsupportedText)).toEqual([
      'table public.both_, whose parents give column a different storage (SET STORAGE on the parents makes it one)',
      'table public.own, whose parents give column a different storage (SET STORAGE on the parents makes it one)',
    ]);
    await database.query('ALTER TABLE ONLY top ALTER COLUMN a SET STORAGE EXTERNAL');
    const model = await read(database.url);
    expect(model.unsupported).toEqual([]);
    await remade(model, await testDatabase('copy'));
  });

  it('leaves a foreign table the compression that it cannot be told', async () => {
    const database = await testDatabase('foreign_child');
    await database.query(
      `CREATE FOREIGN DATA WRAPPER nothing; CREATE SERVER nowhere FOREIGN DATA WRAPPER nothing;
       CREATE TABLE parent (a text COMPRESSION pglz, b text);
       CREATE FOREIGN TABLE compressed () INHERITS (parent) SERVER nowhere;
       ALTER TABLE ONLY parent ALTER COLUMN b SET COMPRESSION pglz`,
    );
    const model = await read(database.url);
    const copy = await read((await remade(model, await testDatabase('copy'))).url);
    expect(copy.objects.map(({ sql }) => sql)).toEqual(model.objects.map(({ sql }) => sql));
  });

  it('names a table whose rows are values elsewhere, when its columns come out in another order', async () => {
    const database = await testDatabase('order');
    await database.query(
      `CREATE TABLE parent (a integer); CREATE TABLE child (b integer) INHERITS (parent);
       ALTER TABLE parent ADD COLUMN c integer;
       CREATE TABLE plain_child (b integer) INHERITS (parent);
       CREATE TABLE holds (one child, more plain_child[])`,
    );
    const { unsupported } = await read(database.url);
    expect(unsupported.map(unsupportedText)).toEqual([
      'table public.child, whose columns come out in the order a, c, b, while its rows are values of other tables or types',
    ]);
    await database.query('ALTER TABLE holds DROP COLUMN one');
    expect((await read(database.url)).unsupported).toEqual([]);
  });

  it('names constraints whose own triggers are disabled, on partitions too', async () => {
    const database = await testDatabase('disabled');
    await database.query(
      `CREATE TABLE target (id integer PRIMARY KEY);
       CREATE TABLE p (id integer REFERENCES target) PARTITION BY LIST (id); CREATE TABLE p1 PARTITION OF p DEFAULT;
       ALTER TABLE p1 DISABLE TRIGGER ALL`,
    );
    const { unsupported } = await read(database.url);
    expect(unsupported.map(unsupportedText)).toEqual([
      'disabled state of constraint p_id_fkey on public.p1, whose triggers are disabled (ALTER TABLE … ENABLE TRIGGER ALL enables them)',
    ]);
    expect(unsupported[0]?.table).not.toBeNull();
  });
});

/** What only servers before 18 allow, and pg_dump 18 writes in words that they do not understand. */
describe.each([13, 17] as const)('NOT NULL of children on PostgreSQL %i', (major) => {
  const missing = !olderMajors.includes(major) || lacks(`postgres-${major}`);
  let database: TestDatabase;
  let copy: TestDatabase;

  beforeAll(async () => {
    if (missing) return;
    const server = await startServer(serverBinaries(major));
    database = await server.database('source');
    copy = await server.database('copy');
  });

  afterAll(async () => {
    await database?.drop();
    await copy?.drop();
  });

  it.skipIf(missing)(
    'is kept where only the child has it, and dropped where only the parent does',
    async () => {
      await database.query(
        `CREATE TABLE parent (a integer NOT NULL, b integer); CREATE TABLE child () INHERITS (parent);
       ALTER TABLE child ALTER COLUMN a DROP NOT NULL, ALTER COLUMN b SET NOT NULL`,
      );
      await remade(await read(database.url), copy);
      const facts = `SELECT attrelid::regclass::text AS t, attname, attnotnull, attislocal FROM pg_attribute
      WHERE attrelid IN ('parent'::regclass, 'child'::regclass) AND attnum > 0 ORDER BY 1, 2`;
      expect(await copy.query(facts)).toEqual(await database.query(facts));
    },
  );
});

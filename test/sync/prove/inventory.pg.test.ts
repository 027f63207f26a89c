import { beforeAll, expect, test } from 'vitest';
import type { CatalogModel } from '../../../src/catalog/model.ts';
import { verifyInventory } from '../../../src/sync/prove/verify-inventory.ts';
import { fixtureDatabase, modelOf } from '../../catalog/oracle.ts';
import { testRole } from '../../support/postgres.ts';
import type { TestDatabase } from '../../support/postgres.ts';
import { failure } from '../../harness/failure.ts';

let database: TestDatabase;
let model: CatalogModel;
let role: string;

beforeAll(async () => {
  role = (await testRole()).name;
  database = await fixtureDatabase('one-of-everything/tables', { role });
  await database.query(`CREATE SCHEMA inventory; SET search_path = inventory;
    CREATE TABLE t (id int PRIMARY KEY, name varchar(8) DEFAULT 'x' CHECK (name IN ('x', 'y')), n int, m int);
    CREATE INDEX by_n ON t (n) WHERE n > 1; CREATE VIEW v AS SELECT id, name FROM t WHERE n > 1;
    CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE SEQUENCE s INCREMENT 2;
    CREATE FUNCTION fire() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER fired BEFORE INSERT ON t FOR EACH ROW WHEN (NEW.n > 1) EXECUTE FUNCTION fire();
    CREATE POLICY p ON t USING (n > 1); COMMENT ON TABLE t IS 'its comment'; GRANT SELECT ON t TO "${role}"`);
  model = await modelOf(database.url);
});

const verify = (
  kinds: readonly string[] = [],
  sourceVersionNum = model.server.versionNum,
): ReturnType<typeof verifyInventory> =>
  verifyInventory(() => modelOf(database.url), {
    objects: model.objects.map((object) => ({
      ...object,
      dependsOn: [...object.dependsOn],
      locks: [...object.locks],
      roles: [...object.roles],
      tablespaces: [...object.tablespaces],
    })),
    members: null,
    leftOutKinds: new Set(kinds),
    fromTarget: new Set(),
    names: null,
    staying: new Set(),
    uncompared: new Set(),
    sourceVersionNum,
    othersUnderSource: [],
  });

test('what was made as the source says is equal', async () => {
  await verify();
});

test.each<[string, string, string]>([
  [
    'ALTER TABLE inventory.t ALTER m TYPE bigint',
    'ALTER TABLE inventory.t ALTER m TYPE int',
    'table inventory.t',
  ],
  [
    `ALTER TABLE inventory.t ALTER name SET DEFAULT 'y'`,
    `ALTER TABLE inventory.t ALTER name SET DEFAULT 'x'`,
    'table inventory.t',
  ],
  [
    'DROP INDEX inventory.by_n; CREATE INDEX by_n ON inventory.t (n) WHERE n > 2',
    'DROP INDEX inventory.by_n; CREATE INDEX by_n ON inventory.t (n) WHERE n > 1',
    'index inventory.by_n',
  ],
  [
    'CREATE OR REPLACE VIEW inventory.v AS SELECT id, name FROM inventory.t WHERE n >= 1',
    'CREATE OR REPLACE VIEW inventory.v AS SELECT id, name FROM inventory.t WHERE n > 1',
    'view inventory.v',
  ],
  [
    `CREATE OR REPLACE FUNCTION inventory.f() RETURNS int LANGUAGE sql AS 'SELECT 2'`,
    `CREATE OR REPLACE FUNCTION inventory.f() RETURNS int LANGUAGE sql AS 'SELECT 1'`,
    'function inventory.f()',
  ],
  [
    'ALTER SEQUENCE inventory.s INCREMENT 3',
    'ALTER SEQUENCE inventory.s INCREMENT 2',
    'sequence inventory.s',
  ],
  [
    'ALTER TABLE inventory.t DISABLE TRIGGER fired',
    'ALTER TABLE inventory.t ENABLE TRIGGER fired',
    'trigger fired on inventory.t',
  ],
  [
    'ALTER POLICY p ON inventory.t USING (n > 2)',
    'ALTER POLICY p ON inventory.t USING (n > 1)',
    'policy p on inventory.t',
  ],
  [
    `COMMENT ON TABLE inventory.t IS 'another'`,
    `COMMENT ON TABLE inventory.t IS 'its comment'`,
    'comment on table inventory.t',
  ],
  [
    'GRANT UPDATE ON inventory.t TO PUBLIC',
    'REVOKE UPDATE ON inventory.t FROM PUBLIC',
    'privileges on table inventory.t',
  ],
])('%s is named', async (change, back, identity) => {
  await database.query(change);
  try {
    const error = await failure(verify());
    expect([error.code, error.message]).toEqual([
      'MISMATCH_TABLES',
      `1 object(s) differ after loading: ${identity} is different.`,
    ]);
  } finally {
    await database.query(back);
  }
});

test('an owner that is left out makes grants another matter', async () => {
  await database.query(`ALTER TABLE inventory.t OWNER TO "${role}"`);
  try {
    await verify(['owner']);
    const error = await failure(verify());
    expect(error.details?.['objects']).toContain('owner of table inventory.t is different');
  } finally {
    await database.query(
      `ALTER TABLE inventory.t OWNER TO CURRENT_USER; GRANT SELECT ON inventory.t TO "${role}"`,
    );
  }
});

test('the words of a query of before 16 are not compared with later ones', async () => {
  await database.query('CREATE OR REPLACE VIEW inventory.v AS SELECT id, name FROM inventory.t WHERE n > 5');
  try {
    await verify([], 150_000);
  } finally {
    await database.query(
      'CREATE OR REPLACE VIEW inventory.v AS SELECT id, name FROM inventory.t WHERE n > 1',
    );
  }
});

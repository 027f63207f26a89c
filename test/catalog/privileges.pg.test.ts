import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareModels } from '../../src/catalog/compare.ts';
import type { CatalogModel } from '../../src/catalog/model.ts';
import { lacks } from '../support/lacks.ts';
import { testDatabase, testRole } from '../support/postgres.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { createBench, modes } from '../harness/environment-pair.ts';
import { modelOf, restoredByUs } from './oracle.ts';

/** What pg_dump cannot restore, or does not say. */
describe.skipIf(lacks('client-tools'))('privileges', () => {
  let source: TestDatabase;
  let model: CatalogModel;
  let roles: readonly string[];

  beforeAll(async () => {
    roles = [(await testRole()).name, (await testRole()).name];
    const [one, two] = roles;
    source = await testDatabase('privileges');
    await source.query(`
      CREATE TABLE again (id integer);
      GRANT SELECT ON again TO "${one}", "${two}" WITH GRANT OPTION;
      SET ROLE "${one}"; GRANT SELECT ON again TO PUBLIC; RESET ROLE;
      SET ROLE "${two}"; GRANT SELECT ON again TO "${one}" WITH GRANT OPTION; RESET ROLE;
      REVOKE SELECT ON again FROM "${one}";
      CREATE TABLE kept (id integer);
      GRANT MAINTAIN ON kept TO "${one}";
      CREATE TABLE whole (id integer);
      GRANT ALL ON whole TO "${one}";
      GRANT EXECUTE ON FUNCTION pg_catalog.pg_ls_waldir() TO "${one}";
      CREATE EXTENSION hstore;
      GRANT EXECUTE ON FUNCTION akeys(hstore) TO "${one}";
      ALTER DEFAULT PRIVILEGES GRANT MAINTAIN ON TABLES TO "${one}";
      ALTER DEFAULT PRIVILEGES GRANT SELECT ON LARGE OBJECTS TO "${one}"`);
    model = await modelOf(source.url);
  });

  afterAll(() => source?.drop());

  const named = (identity: string) => model.objects.find((object) => object.identity === identity);

  it('are granted in the order of who may grant, whatever the order they are stored in', async () => {
    const [one, two] = roles;
    expect(named('privileges on table public.again')?.sql).toBe(
      [
        `GRANT SELECT ON TABLE "public"."again" TO "${two}" WITH GRANT OPTION;`,
        `SET ROLE "${two}";\nGRANT SELECT ON TABLE "public"."again" TO "${one}" WITH GRANT OPTION;\nRESET ROLE;`,
        `SET ROLE "${one}";\nGRANT SELECT ON TABLE "public"."again" TO PUBLIC;\nRESET ROLE;`,
      ].join('\n'),
    );
    const copy = await restoredByUs(model, source);
    const list = `SELECT x.* FROM pg_class, aclexplode(relacl) AS x WHERE relname = 'again' ORDER BY x::text`;
    expect(await copy.query(list)).toEqual(await source.query(list));
    expect(compareModels(model, await modelOf(copy.url), { privileges: true })).toEqual([]);
    await copy.drop();
  });

  it('are granted by those who may not use the schema any more', async () => {
    const closed = await testDatabase('closed');
    const [one, two] = roles;
    await closed.query(`
      CREATE SCHEMA "sh'ut"; CREATE TABLE "sh'ut".t (a integer);
      CREATE FUNCTION "sh'ut".f() RETURNS integer LANGUAGE sql AS 'SELECT 1';
      GRANT ALL ON SCHEMA "sh'ut" TO "${one}"; GRANT CREATE ON SCHEMA "sh'ut" TO "${two}";
      GRANT ALL ON "sh'ut".t TO "${one}" WITH GRANT OPTION; GRANT EXECUTE ON FUNCTION "sh'ut".f() TO "${one}" WITH GRANT OPTION;
      SET ROLE "${one}";
      GRANT SELECT ON "sh'ut".t TO "${two}"; GRANT UPDATE (a) ON "sh'ut".t TO PUBLIC; GRANT EXECUTE ON FUNCTION "sh'ut".f() TO "${two}";
      RESET ROLE; REVOKE ALL ON SCHEMA "sh'ut" FROM "${one}"`);
    const bench = await createBench({ source: closed });
    for (const mode of modes) {
      await bench.sync(mode);
      const lists = `SELECT nspacl::text, relacl::text, proacl::text, attacl::text FROM pg_namespace AS n
        JOIN pg_class AS c ON relnamespace = n.oid JOIN pg_proc AS p ON pronamespace = n.oid
        JOIN pg_attribute AS a ON attrelid = c.oid AND attname = 'a'`;
      expect(await bench.target.query(lists)).toEqual(await closed.query(lists));
    }
    await closed.drop();
  });

  it('say which servers know them', () => {
    const majors = Object.fromEntries(
      model.objects
        .filter(({ kind }) => kind === 'privileges')
        .map(({ identity, minServerMajor }) => [identity.replaceAll(/t_role_\w+/g, 'role'), minServerMajor]),
    );
    expect(majors).toMatchObject({
      'privileges on table public.again': 0,
      'privileges on table public.kept': 17,
      'privileges on table public.whole': 0,
      'default privileges of role postgres on tables': 17,
      'default privileges of role postgres on large objects': 18,
    });
  });

  it('on what comes with the server or an extension are a superuser’s', () => {
    const isSuperusers = (start: string): boolean | undefined =>
      model.objects.find(({ identity }) => identity.startsWith(start))?.superuser;
    expect(isSuperusers('privileges on table public.whole')).toBe(false);
    expect(isSuperusers('privileges on function pg_catalog.pg_ls_waldir(')).toBe(true);
    expect(isSuperusers('privileges on function public.akeys(')).toBe(true);
  });
});

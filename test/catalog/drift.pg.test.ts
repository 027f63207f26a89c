import { describe, expect, it } from 'vitest';
import { compareModels } from '../../src/catalog/compare.ts';
import { lacks } from '../support/lacks.ts';
import { testDatabase } from '../support/postgres.ts';
import { modelOf, restoredByPgDump } from './oracle.ts';

/**
 * Reloading what the server writes does not give the same text (docs/facts/postgresql.md#reading-definitions-back);
 * the comparison knows the cases, and only those.
 */
describe.skipIf(lacks('client-tools'))('a reload of the server’s own text', () => {
  it('differs, and is still found equal', async () => {
    const source = await testDatabase('drift');
    await source.query(`
      CREATE TABLE t (c varchar(10) CONSTRAINT listed CHECK (c IN ('x, (', 'y]')), d date);
      CREATE INDEX partial ON t (d) WHERE c IN ('x', 'y');
      CREATE VIEW v AS SELECT 1 AS one, EXTRACT(YEAR FROM d) AS y FROM t WHERE c NOT IN ('a', 'b')
        UNION ALL SELECT NULL::integer, NULL::numeric;
      CREATE FUNCTION f(c varchar) RETURNS boolean LANGUAGE sql RETURN c IN ('a', 'b');
      ALTER TABLE t ENABLE ROW LEVEL SECURITY;
      CREATE POLICY p ON t USING (c IN ('a', 'b'))`);
    const reloaded = await restoredByPgDump(source);
    const [left, right] = [await modelOf(source.url), await modelOf(reloaded.url)];
    await reloaded.drop();
    const changed = left.objects
      .filter(({ identity, sql }) => right.objects.find((other) => other.identity === identity)?.sql !== sql)
      .map(({ identity }) => identity);
    expect(changed).toEqual([
      'function public.f(character varying)',
      'table public.t',
      'view public.v',
      'index public.partial',
      'policy p on public.t',
    ]);
    expect(compareModels(left, right)).toEqual([]);

    await source.query(
      `ALTER TABLE t DROP CONSTRAINT listed, ADD CONSTRAINT listed CHECK (c IN ('x, (', 'z'))`,
    );
    expect(compareModels(await modelOf(source.url), right).map(({ name }) => name)).toEqual([
      'table public.t',
    ]);
    await source.drop();
  });

  it('hides no cast, overload or type from the comparison, between servers of two majors either', async () => {
    const models = [];
    for (const [type, other] of [
      ['integer', 'bigint'],
      ['bigint', 'integer'],
    ] as const) {
      const database = await testDatabase('casts');
      await database.query(`
        CREATE TABLE t (a integer, v varchar(9), CONSTRAINT cast_of CHECK (v::${type} > 0));
        CREATE FUNCTION f(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1';
        CREATE FUNCTION f(bigint) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 2';
        CREATE DOMAIN d_integer AS text; CREATE DOMAIN d_bigint AS text;
        CREATE VIEW plain AS SELECT a, v FROM t; CREATE VIEW typed AS SELECT v::${type} AS n, 1 AS one FROM t;
        CREATE VIEW called AS SELECT f(a::${type}) AS c FROM t; CREATE VIEW domained AS SELECT v::d_${type}::text AS c FROM t;
        CREATE MATERIALIZED VIEW filled AS SELECT a::${other} AS n FROM t;
        CREATE INDEX by_f ON t (f(a::${type}))`);
      models.push(await modelOf(database.url));
      await database.drop();
    }
    const [left, right] = models;
    if (left === undefined || right === undefined) throw new Error('two models');
    const at = (versionNum: number) => ({ ...right, server: { ...right.server, versionNum } });
    const differences = (versionNum: number): unknown =>
      compareModels(left, at(versionNum)).map(({ name, difference }) => [name, difference]);
    // Queries of servers before 16 are not compared by their text.
    expect(differences(150_000)).toEqual([
      ['table public.t', 'is different'],
      [
        'view public.called',
        'uses function public.f(integer) on the left and function public.f(bigint) on the right',
      ],
      [
        'view public.domained',
        'uses type public.d_integer on the left and type public.d_bigint on the right',
      ],
      ['view public.typed', 'has column n integer on the left and n bigint on the right'],
      ['materialized view public.filled', 'has column n bigint on the left and n integer on the right'],
      [
        'index public.by_f',
        'uses function public.f(integer) on the left and function public.f(bigint) on the right',
      ],
    ]);
    expect(differences(170_000)).toEqual(differences(150_000));
  });

  it('puts columns of a child in its parents’ order, and nothing else may differ', async () => {
    const source = await testDatabase('order');
    await source.query(`
      CREATE TABLE parent (a integer NOT NULL, b text DEFAULT 'b,');
      CREATE TABLE child (own integer, b text DEFAULT E'two\nlines', a integer NOT NULL);
      ALTER TABLE child INHERIT parent`);
    const reloaded = await restoredByPgDump(source);
    const left = await modelOf(source.url);
    expect(compareModels(left, await modelOf(reloaded.url))).toEqual([]);
    await reloaded.query('ALTER TABLE child ALTER COLUMN own SET NOT NULL');
    expect(compareModels(left, await modelOf(reloaded.url)).map(({ name }) => name)).toEqual([
      'table public.child',
    ]);
    await reloaded.drop();
    await source.drop();
  });
});

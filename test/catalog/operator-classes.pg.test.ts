import { describe, expect, it } from 'vitest';
import { lacks } from '../support/lacks.ts';
import { testDatabase } from '../support/postgres.ts';
import { dumpedEntries, modelOf, restoredByUs, runPsql } from './oracle.ts';

const pairs = `
  CREATE TYPE public.pair AS (a integer, b integer);
  CREATE FUNCTION public.cmp(public.pair, public.pair) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT btint4cmp($1.a, $2.a)';
  CREATE FUNCTION public.lt(public.pair, public.pair) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1.a < $2.a';
  CREATE FUNCTION public.eq(public.pair, public.pair) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1.a = $2.a';
  CREATE FUNCTION public.gt(public.pair, public.pair) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1.a > $2.a';
  CREATE OPERATOR public.< (FUNCTION = public.lt, LEFTARG = public.pair, RIGHTARG = public.pair);
  CREATE OPERATOR public.= (FUNCTION = public.eq, LEFTARG = public.pair, RIGHTARG = public.pair);
  CREATE OPERATOR public.> (FUNCTION = public.gt, LEFTARG = public.pair, RIGHTARG = public.pair);
  CREATE OPERATOR CLASS public.pair_ops DEFAULT FOR TYPE public.pair USING btree AS
    OPERATOR 1 public.<, OPERATOR 3 public.=, OPERATOR 5 public.>, FUNCTION 1 public.cmp(public.pair, public.pair);
  CREATE TABLE public.t (p public.pair);`;

describe.skipIf(lacks('client-tools'))('operator classes where pg_dump falls short', () => {
  it('a function that sorts waits for the class; pg_dump makes it too early, and it sorts by another one', async () => {
    const source = await testDatabase('sorting');
    await runPsql(
      source.url,
      `${pairs}
      CREATE FUNCTION public.a_sorting() RETURNS SETOF public.pair LANGUAGE sql
      BEGIN ATOMIC SELECT p FROM (VALUES (ROW(1, 2)::public.pair)) AS v (p) ORDER BY p DESC; END;`,
    );
    const copy = await restoredByUs(await modelOf(source.url), source);
    expect(await dumpedEntries(copy.url)).toEqual(await dumpedEntries(source.url));
    for (const database of [source, copy]) await database.drop();
  });

  it('what a class needs may sort by the operators of the class: then it comes before', async () => {
    const source = await testDatabase('sorting');
    await runPsql(
      source.url,
      `${pairs}
      CREATE FUNCTION public.hash(public.pair) RETURNS integer LANGUAGE sql IMMUTABLE
        RETURN CASE WHEN $1 OPERATOR(public.<) ROW(0, 0)::public.pair THEN 0 ELSE ($1).a END;
      CREATE OPERATOR CLASS public.pair_hash DEFAULT FOR TYPE public.pair USING hash AS
        OPERATOR 1 public.=, FUNCTION 1 public.hash(public.pair);
      CREATE FUNCTION public.cmp(public.pair, integer) RETURNS integer LANGUAGE sql IMMUTABLE
        RETURN CASE WHEN $1 OPERATOR(public.<) ROW($2, 0)::public.pair THEN -1 ELSE 1 END;
      ALTER OPERATOR FAMILY public.pair_ops USING btree ADD FUNCTION 1 (public.pair, integer) public.cmp(public.pair, integer);`,
    );
    const model = await modelOf(source.url);
    expect(model.unsupported).toEqual([]);
    const copy = await restoredByUs(model, source);
    expect(await dumpedEntries(copy.url)).toEqual(await dumpedEntries(source.url));
    for (const database of [source, copy]) await database.drop();
  });

  it('carries what users added to the families of others, and not what extensions did', async () => {
    const source = await testDatabase('additions');
    await runPsql(
      source.url,
      `CREATE EXTENSION citext WITH SCHEMA public;
      CREATE EXTENSION hstore WITH SCHEMA public;
      ${pairs}
      CREATE FUNCTION public.cmp(public.citext, public.pair) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1';
      CREATE FUNCTION public.eq(public.citext, public.pair) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT false';
      CREATE OPERATOR public.= (FUNCTION = public.eq, LEFTARG = public.citext, RIGHTARG = public.pair);
      ALTER OPERATOR FAMILY public.citext_ops USING btree ADD
        OPERATOR 3 public.= (public.citext, public.pair), FUNCTION 1 (public.citext, public.pair) public.cmp(public.citext, public.pair);`,
    );
    const model = await modelOf(source.url);
    expect(model.unsupported).toEqual([]);
    const added = model.objects.filter(({ identity }) => identity.startsWith('additions to'));
    expect(added.map(({ identity }) => identity)).toEqual([
      'additions to operator family public.citext_ops for btree',
    ]);
    const copy = await restoredByUs(model, source);
    const members = `SELECT a.amopstrategy, a.amopopr::regoperator::text FROM pg_amop AS a WHERE a.oid >= 16384
      ORDER BY 1, 2`;
    expect(await copy.query(members)).toEqual(await source.query(members));
    for (const database of [source, copy]) await database.drop();
  });
});

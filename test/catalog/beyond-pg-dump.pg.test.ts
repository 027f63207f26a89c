import { describe, expect, it } from 'vitest';
import { compareModels } from '../../src/catalog/compare.ts';
import type { CatalogModel } from '../../src/catalog/model.ts';
import { lacks } from '../support/lacks.ts';
import { testDatabase } from '../support/postgres.ts';
import { dropAll, modelOf, runPsql } from './oracle.ts';

/** Databases whose dump by pg_dump 18.6 does not load, or loads as something else: here the source is the oracle. */
describe.skipIf(lacks('client-tools'))('what pg_dump cannot carry', () => {
  const cases: Readonly<Record<string, string>> = {
    'a function that calls itself': `
      CREATE FUNCTION down(n integer) RETURNS integer LANGUAGE sql AS 'SELECT 0';
      CREATE OR REPLACE FUNCTION down(n integer) RETURNS integer LANGUAGE sql
        BEGIN ATOMIC SELECT CASE WHEN n > 0 THEN down(n - 1) ELSE 7 END; END;`,
    'functions that call each other': `
      CREATE TYPE pair AS (a integer);
      CREATE FUNCTION "Even'"(n integer, VARIADIC p pair[] DEFAULT NULL) RETURNS boolean LANGUAGE sql AS 'SELECT true';
      CREATE FUNCTION odd(n integer) RETURNS boolean LANGUAGE sql BEGIN ATOMIC SELECT n > 0 AND "Even'"(n - 1); END;
      CREATE OR REPLACE FUNCTION "Even'"(n integer, VARIADIC p pair[] DEFAULT NULL) RETURNS boolean LANGUAGE sql
        BEGIN ATOMIC SELECT n = 0 OR odd(n - 1); END;`,
    'functions that need each other through the defaults of their arguments': `
      CREATE FUNCTION f(a integer, OUT "b'" integer, OUT c text) LANGUAGE sql AS $$ SELECT 1, 'x' $$;
      CREATE FUNCTION g(a integer DEFAULT (f(1)).c::integer) RETURNS integer LANGUAGE sql STABLE AS 'SELECT 1';
      CREATE OR REPLACE FUNCTION f(a integer DEFAULT g(), OUT "b'" integer, OUT c text) LANGUAGE plpgsql AS 'BEGIN END';
      CREATE VIEW uses AS SELECT c FROM f();`,
    'a generated column whose function knows the table': `
      CREATE FUNCTION twice(a integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT a * 2';
      CREATE TABLE part (a integer, b integer GENERATED ALWAYS AS (twice(a)) STORED);
      CREATE OR REPLACE FUNCTION twice(a integer) RETURNS integer LANGUAGE sql IMMUTABLE
        BEGIN ATOMIC SELECT CASE WHEN EXISTS (SELECT a FROM part) THEN 1 ELSE a * 2 END; END;`,
    'a domain without the default of its base': `
      CREATE DOMAIN one AS integer DEFAULT 1;
      CREATE DOMAIN none AS one;
      ALTER DOMAIN none DROP DEFAULT;`,
    'a range by the default operator class of another type': `
      CREATE TYPE by_blanks AS RANGE (SUBTYPE = character varying, SUBTYPE_OPCLASS = bpchar_ops);`,
    'ranges whose multirange has a name that the server has cut, within a character too': `
      CREATE TYPE "r${'é'.repeat(31)}" AS RANGE (SUBTYPE = integer); CREATE TYPE "${'é'.repeat(30)}" AS RANGE (SUBTYPE = integer);
      CREATE TYPE "${'é'.repeat(27)}range${'x'.repeat(4)}" AS RANGE (SUBTYPE = integer);`,
    'a language with handlers that every database has': `
      CREATE LANGUAGE plcopy HANDLER plpgsql_call_handler INLINE plpgsql_inline_handler VALIDATOR plpgsql_validator;`,
    'an aggregate that goes when an extension goes': `
      CREATE EXTENSION citext;
      CREATE AGGREGATE "Sum'"(a integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0');
      ALTER ROUTINE "Sum'"(integer) DEPENDS ON EXTENSION citext;`,
    'a domain whose check uses a function of the domain, in an array': `
      CREATE DOMAIN code AS integer;
      CREATE FUNCTION fine(code) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
      ALTER DOMAIN code ADD CHECK (fine(VALUE));
      CREATE TYPE pair AS (a code, b code[]);
      CREATE TABLE codes (one code, several code[], pair pair);
      CREATE MATERIALIZED VIEW again AS SELECT pair FROM codes;`,
    'comments on row types, and on what a trigger brings along': `
      CREATE TABLE "T'" (a integer) PARTITION BY LIST (a);
      CREATE TABLE part PARTITION OF "T'" DEFAULT;
      CREATE VIEW v AS SELECT 1 AS a;
      CREATE MATERIALIZED VIEW m AS SELECT 1 AS a;
      CREATE FUNCTION tr() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
      CREATE CONSTRAINT TRIGGER "c'" AFTER INSERT ON "T'" FOR EACH ROW EXECUTE FUNCTION tr();
      COMMENT ON TYPE "T'" IS 'a'; COMMENT ON TYPE v IS 'b'; COMMENT ON TYPE m IS 'c'; COMMENT ON TYPE part IS 'd';
      COMMENT ON CONSTRAINT "c'" ON "T'" IS 'e'; COMMENT ON TRIGGER "c'" ON "T'" IS 'f';
      COMMENT ON TRIGGER "c'" ON part IS 'g'; COMMENT ON CONSTRAINT "c'" ON part IS 'h';`,
    'a comment on a multirange': `
      CREATE TYPE span AS RANGE (SUBTYPE = integer);
      COMMENT ON TYPE span_multirange IS 'several';`,
  };

  it.each(Object.entries(cases))('%s comes out as it was, and goes again', async (_name, sql) => {
    const source = await testDatabase('source');
    const target = await testDatabase('target');
    await runPsql(source.url, sql);
    const model = await modelOf(source.url);
    expect(model.unsupported).toEqual([]);
    await runPsql(target.url, `SET check_function_bodies = off;\n${statements(model)}`);
    const copied = await modelOf(target.url);
    expect(compareModels(model, copied, { owners: true, privileges: true })).toEqual([]);
    await dropAll(target.url, copied);
    expect((await modelOf(target.url)).objects).toEqual([]);
    await source.drop();
    await target.drop();
  });

  it('knows which servers have what is commented on', async () => {
    const database = await testDatabase('comments');
    await runPsql(
      database.url,
      `CREATE DOMAIN d AS integer CONSTRAINT there NOT NULL;
       COMMENT ON CONSTRAINT there ON DOMAIN d IS 'x';
       CREATE TABLE t (id integer CONSTRAINT here NOT NULL);
       COMMENT ON CONSTRAINT here ON t IS 'x';
       CREATE TYPE span AS RANGE (SUBTYPE = integer);
       COMMENT ON TYPE span_multirange IS 'x';
       COMMENT ON TYPE span IS 'x';`,
    );
    const { objects } = await modelOf(database.url);
    await database.drop();
    const comments = objects.filter(({ kind }) => kind === 'comment');
    const majors = comments.map(({ sql, minServerMajor }) => [sql.split(' IS ')[0], minServerMajor]);
    expect(Object.fromEntries(majors)).toEqual({
      'COMMENT ON CONSTRAINT "here" ON "public"."t"': 18,
      'COMMENT ON CONSTRAINT "there" ON DOMAIN "public"."d"': 17,
      'COMMENT ON TYPE "public"."span"': 0,
      'COMMENT ON TYPE "public"."span_multirange"': 14,
    });
  });

  it('drops no type with functions on which something unknown depends', async () => {
    const database = await testDatabase('held');
    await runPsql(
      database.url,
      `CREATE TYPE held;
       CREATE FUNCTION held_in(cstring) RETURNS held LANGUAGE internal IMMUTABLE STRICT AS 'textin';
       CREATE FUNCTION held_out(held) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
       CREATE TYPE held (INPUT = held_in, OUTPUT = held_out);`,
    );
    const before = await modelOf(database.url);
    await database.query('CREATE TABLE later (h held[])');
    await expect(dropAll(database.url, before)).rejects.toThrow(
      'cannot drop type public.held because table public.later depends on it',
    );
    await database.query('DROP TABLE later');
    await dropAll(database.url, before);
    expect((await modelOf(database.url)).objects).toEqual([]);
    await database.drop();
  });
});

function statements(model: CatalogModel): string {
  return model.objects.map(({ sql }) => sql).join('\n');
}

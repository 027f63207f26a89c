import { describe, expect, test } from 'vitest';
import { sameDefinition, toleranceBetween } from './definitions.ts';
import { meaning } from './meaning.ts';

describe('what means the same', () => {
  test.each([
    ['SELECT t.a, t."b" FROM "s"."t"', 'SELECT a, b FROM s.t'],
    [
      `CHECK (((a)::text = ANY ((ARRAY['x'::character varying(8)])::text[])))`,
      `CHECK ((a::text = ANY (ARRAY[('x'::character varying(8))::text])))`,
    ],
    [`DEFAULT (now())::timestamp(3) without time zone`, 'default now()::timestamp(3) without time zone'],
    [`x::"my schema"."type"[] AND true`, 'x::other.type[] AND true'],
  ])('%s', (left, right) => {
    expect(meaning(left)).toBe(meaning(right));
  });
});

describe('what does not', () => {
  test.each([
    ['a > 1', 'a >= 1'],
    ['a > 1', 'a > 2'],
    [`a = 'X'`, `a = 'x'`],
    ['a AND b', 'b AND a'],
    ['"A"', 'a'],
    ['a NOT NULL', 'a'],
    ['f(1::numeric(8,2), 2)', 'f(1, 2)'],
    ['a::bigint', 'a::integer'],
    ['a::text < b', 'a < b::text'],
    ['x::numeric(8,2)', 'x::numeric(8,3)'],
    ['f(a)', 'g(a)'],
  ])('%s and %s', (left, right) => {
    expect(meaning(left)).not.toBe(meaning(right));
  });
});

test('only expressions have a meaning beside their words, and only where that is asked for', () => {
  const tolerance = toleranceBetween(180_000, 180_000);
  const same = (kind: string, byMeaning = true): boolean =>
    sameDefinition({ kind, sql: 'x (t.a)::text' }, { kind, sql: 'x a::text' }, { ...tolerance, byMeaning });
  expect(same('check constraint')).toBe(true);
  expect(same('check constraint', false)).toBe(false);
  expect(same('comment')).toBe(false);
});

test('columns of a child may stand in the order of its parents', () => {
  const child = (columns: string): { kind: string; sql: string } => ({
    kind: 'table',
    sql: `CREATE TABLE c (${columns}) INHERITS (p);`,
  });
  const same = (other: string): boolean =>
    sameDefinition(child('a int, b text'), child(other), {
      ...toleranceBetween(180_000, 180_000),
      byMeaning: true,
    });
  expect(same('b text, a int')).toBe(true);
  expect(same('b text, a bigint')).toBe(false);
});

test('queries of servers before 16 and later ones are not compared', () => {
  const view = (sql: string): { kind: string; sql: string } => ({ kind: 'view', sql });
  const same = (server: number): boolean =>
    sameDefinition(view('SELECT 1'), view('SELECT 2'), toleranceBetween(server, 180_000));
  expect([same(150_000), same(160_000)]).toEqual([true, false]);
});

test('servers before 18 know no names of NOT NULL, those before 17 no MAINTAIN', () => {
  const table = (name: string) => ({ kind: 'table', sql: `CREATE TABLE t ("a" integer ${name}NOT NULL);` });
  const grant = (sql: string) => ({ kind: 'privileges', sql: `${sql} ON TABLE "t" FROM "o";` });
  const named = [table('CONSTRAINT "n" '), table('')] as const;
  const revoked = [
    grant('REVOKE ALL'),
    grant('REVOKE DELETE, INSERT, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE'),
  ] as const;
  const listed = [grant('GRANT INSERT, MAINTAIN, SELECT'), grant('GRANT INSERT, SELECT')] as const;
  for (const [one, other] of [named, revoked, listed]) {
    expect(sameDefinition(one, other, toleranceBetween(150_000, 180_000))).toBe(true);
    expect(sameDefinition(one, other, toleranceBetween(180_000, 180_001))).toBe(false);
  }
  const more = grant('GRANT DELETE, INSERT, SELECT');
  expect(sameDefinition(listed[0], more, toleranceBetween(150_000, 180_000))).toBe(false);
});

test('servers before 14 have other words for procedures, multiranges and operator classes', () => {
  const same = (kind: string, older: string, later: string): readonly boolean[] =>
    [130_000, 140_000].map((server) =>
      sameDefinition({ kind, sql: older }, { kind, sql: later }, toleranceBetween(server, 180_000)),
    );
  const procedures = [
    [
      'owner',
      'ALTER PROCEDURE "s"."p"(a integer, INOUT b text) OWNER TO "o";',
      'ALTER PROCEDURE "s"."p"(IN a integer, INOUT b text) OWNER TO "o";',
    ],
    [
      'range type',
      'CREATE TYPE "r" AS RANGE (\n  SUBTYPE = integer\n);',
      'CREATE TYPE "r" AS RANGE (\n  SUBTYPE = integer,\n  MULTIRANGE_TYPE_NAME = "m"\n);',
    ],
    [
      'operator family',
      'CREATE OPERATOR FAMILY "f" USING "hash";',
      'CREATE OPERATOR FAMILY "f" USING "hash";\nALTER …',
    ],
  ] as const;
  for (const [kind, older, later] of procedures) expect(same(kind, older, later)).toEqual([true, false]);
  expect(same('owner', procedures[0][1], procedures[0][2].replace('"o"', '"p"'))).toEqual([false, false]);
});

test('what is left of an owner’s rights before MAINTAIN', () => {
  const on = 'ON TABLE "s"."t"';
  const older = `REVOKE DELETE, INSERT, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE ${on} FROM "o";`;
  const later = `REVOKE ALL ${on} FROM "o";\nGRANT MAINTAIN ${on} TO "o";`;
  const same = (left: string, right: string): boolean =>
    sameDefinition(
      { kind: 'privileges', sql: left },
      { kind: 'privileges', sql: right },
      toleranceBetween(160_000, 170_000),
    );
  expect(same(older, later)).toBe(true);
  expect(same(older, `${later}\nGRANT SELECT ${on} TO "o";`)).toBe(false);
});

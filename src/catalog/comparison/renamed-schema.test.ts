import { describe, expect, it } from 'vitest';
import { equalSql, renamedIdentity } from './renamed-schema.ts';

const renamed = { left: 'public', right: 'multiboard' };

describe('renamedIdentity', () => {
  it.each([
    ['table public."Part"', 'table multiboard."Part"'],
    ['table multiboard."Part"', 'table public."Part"'],
    ['foreign key public on public.public', 'foreign key public on multiboard.public'],
    [
      'function public.f(public.t, multiboard.t[], text)',
      'function multiboard.f(multiboard.t, public.t[], text)',
    ],
    ['privileges on schema public', 'privileges on schema multiboard'],
    [
      'default privileges of role public on tables in schema public',
      'default privileges of role public on tables in schema multiboard',
    ],
    ['table audit.public', 'table audit.public'],
    ['index schema.public', 'index schema.public'],
    ['table "public.x"."public"', 'table "public.x"."public"'],
    ['column public of table public.public', 'column public of table multiboard.public'],
    ['extension public', 'extension public'],
    [String.raw`table public.U&"a\000ab"`, String.raw`table multiboard.U&"a\000ab"`],
  ])('%s → %s', (identity, other) => {
    expect(renamedIdentity(identity, renamed)).toBe(other);
    expect(renamedIdentity(other, renamed)).toBe(identity);
  });

  it('takes a name of any letters in a search path', () => {
    const odd = { left: 'public', right: 'Mü"; x' };
    expect(equalSql(`SET "search_path" TO 'public', 'a'`, `SET "search_path" TO 'Mü"; x', 'a'`, odd)).toBe(
      true,
    );
  });

  it('quotes a name that needs it', () => {
    expect(renamedIdentity('table public.t', { left: 'public', right: 'Multi"Board' })).toBe(
      'table "Multi""Board".t',
    );
    expect(renamedIdentity('table "Multi""Board".t', { left: 'public', right: 'Multi"Board' })).toBe(
      'table public.t',
    );
  });
});

describe('equalSql', () => {
  it.each([
    [
      'CREATE VIEW "public"."v" AS SELECT public.f(t.a) FROM public.t',
      'CREATE VIEW "multiboard"."v" AS SELECT multiboard.f(t.a) FROM multiboard.t',
    ],
    [
      `ALTER TABLE "public"."t" ALTER a SET DEFAULT nextval('public."S"'::regclass)`,
      `ALTER TABLE "multiboard"."t" ALTER a SET DEFAULT nextval('multiboard."S"'::regclass)`,
    ],
    [
      `CREATE FUNCTION "public"."f"() SET "search_path" TO 'public', 'x' AS $f$ public $f$`,
      `CREATE FUNCTION "multiboard"."f"() SET "search_path" TO 'multiboard', 'x' AS $f$ public $f$`,
    ],
    ['SELECT public.gin_trgm_ops', 'SELECT public.gin_trgm_ops'],
    [`SELECT 'public.f(public.t)'::regprocedure`, `SELECT 'multiboard.f(multiboard.t)'::regprocedure`],
    [
      `SELECT pg_catalog.setval('"public"."S"', 7, true)`,
      `SELECT pg_catalog.setval('"multiboard"."S"', 7, true)`,
    ],
  ])('%s equals %s', (left, right) => {
    expect(equalSql(left, right, renamed)).toBe(true);
    if (left !== right) expect(equalSql(right, left, renamed)).toBe(false);
  });

  it.each([
    [
      'a body',
      'CREATE FUNCTION "public"."f"() AS $f$ public.t $f$',
      'CREATE FUNCTION "multiboard"."f"() AS $f$ multiboard.t $f$',
    ],
    ['a constant', `SELECT 'public.t'::text`, `SELECT 'multiboard.t'::text`],
    ['another name', 'SELECT public.t', 'SELECT audit.t'],
    ['the other direction', 'SELECT multiboard.t', 'SELECT public.t'],
    ['another setting', `SET "role" TO 'public'`, `SET "role" TO 'multiboard'`],
    ['less', 'SELECT public.t', 'SELECT multiboard.t, 1'],
  ])('sees a difference in %s', (_what, left, right) => {
    expect(equalSql(left, right, renamed)).toBe(false);
  });
});

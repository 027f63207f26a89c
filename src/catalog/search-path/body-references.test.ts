import { describe, expect, it } from 'vitest';
import { bodyReferences } from './body-references.ts';

/**
 * `name` where only a name of that kind can stand, `name?` where something else could; with a schema where it has one.
 */
const found = (body: string, kind: string): readonly string[] =>
  bodyReferences(body)
    .references.filter(({ kinds }) => (kinds as readonly string[]).includes(kind))
    .map(({ schema, name, sure }) => `${schema === null ? '' : `${schema}.`}${name}${sure ? '' : '?'}`)
    .sort();

describe('the names in a body', () => {
  it('are calls where an expression may begin', () => {
    const body = `BEGIN x := half(a, "Other"(b)) || f.x(1); PERFORM third(1); RETURN (fourth(2)); END`;
    expect(found(body, 'routine')).toEqual(['Other', 'f.x', 'fourth', 'half', 'third']);
    expect(found('SELECT a FROM rows_of(1) AS r(a, b), LATERAL more(r.a)', 'routine')).toEqual([
      'more',
      'r?',
      'rows_of',
    ]);
    expect(found('INSERT INTO t (a) SELECT 1', 'routine')).toEqual(['t?']);
  });

  it('are relations after FROM, JOIN and UPDATE, but not what the query itself has named', () => {
    const body = `WITH one AS (SELECT), two (a) AS MATERIALIZED (SELECT) SELECT FROM one JOIN two JOIN "T 1" ON true JOIN s.t ON true`;
    expect(found(body, 'relation').filter((name) => !name.endsWith('?'))).toEqual(['T 1', 's.t']);
  });

  it('are values where only such can stand: not where a type, a table or another name does', () => {
    const values = (body: string): readonly string[] =>
      bodyReferences(body)
        .references.filter(({ value, kinds }) => value && kinds.includes('type'))
        .map(({ name }) => name);
    expect(values('SELECT lower(mail) || tag, size')).toEqual(['mail', 'tag', 'size']);
    expect(values('DECLARE m mail; BEGIN RETURN lower(mail); END')).not.toContain('mail');
    expect(values('SELECT lower(mail)::mail')).toEqual(['mail']);
    expect(values('SELECT a FROM b, mail WHERE mail = 1')).not.toContain('mail');
    expect(values('SELECT CAST(mail AS mail), (a).mail FROM f() AS x (y mail)')).not.toContain('mail');
  });

  it('are types after a cast, and perhaps everywhere else', () => {
    const types = found(`DECLARE c clock; BEGIN RETURN a::other + "B"::x.y; END`, 'type');
    expect(types.filter((name) => !name.endsWith('?'))).toEqual(['other', 'x.y']);
    expect(types).toContain('clock?');
  });

  it('are operators as the server cuts them', () => {
    expect(found('SELECT a <-> b, a*-b, a=-1, a @- b, c OPERATOR(s.+) d, x => 1', 'operator')).toEqual([
      '*',
      '-',
      '<->',
      '=',
      '=>',
      '@-',
      's.+',
    ]);
    expect(found('BEGIN a := b; END', 'operator')).toEqual([]);
  });

  it.each([
    ['a IS DISTINCT FROM b', ['=']],
    ['SELECT DISTINCT a', []],
    ['CASE a WHEN 1 THEN 2 END', ['=']],
    ['CASE WHEN a THEN 2 END', []],
    ['NULLIF(a, b)', ['=']],
    ['a NOT IN (b)', ['<>', '=']],
    ['FOR r IN SELECT', []],
    ['x JOIN y USING (a)', ['=']],
    ['EXECUTE s USING a', []],
    ['x NATURAL JOIN y', ['=']],
    ['a LIKE b', ['!~~', '~~']],
  ])('are those of the operators that words stand for: %s', (body, operators) => {
    expect(found(body, 'operator')).toEqual(operators);
  });

  it.each([
    ['$1 = $2', [{ argument: 1 }, { argument: 2 }]],
    ['SELECT $1 = $2.a', [{ argument: 1 }, 'field']],
    ['SELECT ($1).a = ($2).b;', ['field', 'field']],
    [`mail = 'x'`, [{ argument: 'mail' }, 'any']],
    [`mail::text = 'x'::citext`, [{ type: 'text' }, { type: 'citext' }]],
    ['t.a = 1', ['any', 'own']],
    ['s.f($1, (2)) = g($2)', [{ call: 'f' }, 'any']],
    ['($1) = 0', ['any', 'own']],
    ['a = b.c', [{ argument: 'a' }, 'any']],
  ])('tell of an operator what stands beside it: %s', (body, sides) => {
    const [operator] = bodyReferences(body).references.filter(({ name }) => name === '=');
    expect(operator?.operands).toEqual([sides]);
  });

  it('may stand in strings that are nothing else, and in no comment', () => {
    expect(
      found(`SELECT 'plain', 's."A b"'::regclass, 'two words', $$no$$ /* f() */ -- g()`, 'relation'),
    ).toEqual(['plain?', 's.A b?']);
    expect(found(`SELECT 1 /* f() */ -- g()`, 'routine')).toEqual([]);
  });

  it('are unknown where statements are made at run time', () => {
    expect(bodyReferences(`BEGIN EXECUTE 'SELECT 1'; END`).dynamic).toBe(true);
    expect(bodyReferences(`BEGIN RETURN 'EXECUTE'; END`).dynamic).toBe(false);
  });
});

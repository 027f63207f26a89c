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
      'rows_of',
    ]);
    expect(found('INSERT INTO t (a) SELECT 1', 'routine')).toEqual(['t?']);
    expect(found(String.raw`SELECT U&"h\0061lf\+000020\\"(1)`, 'routine')).toEqual(['half \\']);
  });

  it('are relations after FROM, JOIN and UPDATE, but not what the query itself has named', () => {
    const body = `WITH one AS (SELECT), two (a) AS MATERIALIZED (SELECT) SELECT FROM one JOIN two JOIN "T 1" ON true JOIN s.t ON true`;
    expect(found(body, 'relation').filter((name) => !name.endsWith('?'))).toEqual(['T 1', 's.t']);
  });

  it.each([
    'SELECT lower(mail) || tag(mail), mail',
    'DECLARE mail text := lower($1); BEGIN IF mail = $1 THEN mail := 1; END IF; RETURN mail; END',
    'DECLARE mail CONSTANT text NOT NULL DEFAULT $1; mail text; BEGIN SELECT a INTO STRICT mail FROM b; END',
    'BEGIN FOR mail IN 1..mail LOOP x[mail] := mail; END LOOP; END',
    'DECLARE mail CURSOR FOR SELECT 1; BEGIN OPEN mail; FETCH mail INTO x; CLOSE mail; END',
    'SELECT mail IS DISTINCT FROM mail, extract(year FROM mail), substring(mail FROM mail), trim(both FROM mail)',
    `BEGIN EXECUTE 'x' INTO a, mail USING a, mail; RAISE 'x', mail; END`,
    'SELECT a AS mail FROM b AS mail WHERE a IN (a, mail) ORDER BY a, mail',
  ])('are none of an argument or a variable where a value can stand: %s', (body) => {
    const { references } = bodyReferences(body, body.includes('DECLARE') ? [] : ['mail']);
    expect(references.filter(({ name }) => name === 'mail')).toEqual([]);
  });

  it.each([
    'DECLARE mail mail; BEGIN RETURN mail; END',
    'DECLARE mail int; m CONSTANT mail%ROWTYPE; BEGIN RETURN m; END',
    'SELECT lower(mail)::mail',
    `SELECT mail, mail '(1,2)'`,
    'SELECT CAST(mail AS mail)',
    'SELECT a FROM b, mail WHERE mail = 1',
    'SELECT a FROM b JOIN c ON a = d, mail',
    'INSERT INTO mail SELECT mail',
    'DELETE FROM a USING mail WHERE mail = 1',
    'SELECT mail FROM f() AS x (y mail)',
    '#variable_conflict use_column DECLARE mail int; BEGIN RETURN (SELECT mail FROM b); END',
  ])('are those of a table or a type as well where such stands: %s', (body) => {
    const { references } = bodyReferences(body, body.includes('DECLARE') ? [] : ['mail']);
    expect(references.map(({ name }) => name)).toContain('mail');
  });

  it('may be functions that are called like fields', () => {
    expect(found('SELECT $1.one, ($1).two, a.three, s.t.four, (f(x)).five', 'field')).toEqual([
      'five?',
      'four?',
      'one?',
      'three?',
      'two?',
    ]);
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

  it('tell of a declared variable its type', () => {
    const sides = (declared: string): unknown =>
      bodyReferences(`DECLARE ${declared}; BEGIN RETURN mail = $1; END`).references.find(
        ({ name }) => name === '=',
      )?.operands[0]?.[0];
    expect(sides('mail text := lower($1)')).toEqual({ type: 'text' });
    expect(sides('mail CONSTANT double precision NOT NULL := 1')).toEqual({ type: 'double precision' });
    expect(sides('mail numeric(8, 2)')).toEqual({ type: 'numeric' });
    for (const other of ['mail a.b', 'mail t%ROWTYPE', 'mail x[]', 'mail ALIAS FOR $1', 'mail a; mail b'])
      expect(sides(other)).toBe('any');
  });

  it('may stand in strings that are nothing else, and in no comment', () => {
    expect(
      found(`SELECT 'plain', 's."A b"'::regclass, 'two words', $$no$$ /* f() */ -- g()`, 'relation'),
    ).toEqual(['plain?', 's.A b?']);
    expect(found(`SELECT 1 /* f() */ -- g()`, 'routine')).toEqual([]);
  });

  it('are unknown where statements are made at run time', () => {
    expect(bodyReferences(`BEGIN EXECUTE 'SELECT 1'; END`).dynamic).toBe(true);
    expect(bodyReferences(`SELECT query_to_xml('SELECT 1', true, true, '')`).dynamic).toBe(true);
    expect(bodyReferences(`BEGIN RETURN 'EXECUTE'; END`).dynamic).toBe(false);
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planSync } from '../../../src/sync/verbs/plan.ts';
import { createBench, expectEqual } from '../../harness/environment-pair.ts';

/** Columns of a type, all but `text` with operators of an extension. */
const columns = {
  citext: ['a', 'b', `'Me'::citext`, `'you'::citext`],
  ltree: ['p', 'q', `'x.y'::ltree`],
  hstore: ['h', 'i', `'k=>1'::hstore`],
  text: ['t', 'u', `a::text`, `'me'`],
} as const;
type TypeName = keyof typeof columns;
const typeNames = Object.keys(columns) as TypeName[];

const pairOf = (types: readonly TypeName[] = typeNames): fc.Arbitrary<readonly [string, string]> =>
  fc
    .constantFrom(...types)
    .chain((type) => fc.tuple(fc.constantFrom(...columns[type]), fc.constantFrom(...columns[type])));
const sorted = ['citext', 'ltree', 'text'] as const;

/** A condition on a row of `probe`. An int leads where a comparison of rows names the operators of two schemas. */
const { condition } = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3 },
    pairOf().map(([x, y]) => `${x} IS DISTINCT FROM ${y}`),
    pairOf().map(([x, y]) => `${x} IS NOT DISTINCT FROM ${y}`),
    pairOf().map(([x, y]) => `NULLIF(${x}, ${y}) IS NULL`),
    pairOf().map(([x, y]) => `${x} = ${y}`),
    pairOf().map(([x, y]) => `CASE ${x} WHEN ${y} THEN true ELSE false END`),
    pairOf(sorted).map(([x, y]) => `(n, ${x}) <= (m, ${y})`),
    pairOf(['citext']).chain(([x, y]) => pairOf(['citext']).map(([v, w]) => `(${x}, ${v}) >= (${y}, ${w})`)),
    pairOf().map(
      ([x, y]) => `(n, ${x}) IN (SELECT o.m, ${y.replace(/^([a-z])(?=$|:)/, 'o.$1')} FROM other AS o)`,
    ),
    pairOf().map(([x, y]) => `${x} = ANY (ARRAY[${y}, ${x}])`),
    fc
      .tuple(tie('condition'), fc.constantFrom('AND', 'OR'), tie('condition'))
      .map(([x, word, y]) => `(${x} ${word} ${y})`),
    tie('condition').map((x) => `CASE (${x}) WHEN true THEN NOT (${x}) END`),
  ),
}));

const columnTypes =
  'id int, n int, m int, a citext, b citext, p ltree, q ltree, h hstore, i hstore, t text, u text';
const joins = ['USING (a)', 'USING (a, n)', 'USING (p, h)', 'USING (t)'];

/** `TEST_MEANING=200` makes that many definitions, with a seed of their own. */
const byHand = process.env['TEST_MEANING'];
const runs = Number(byHand ?? 24);

describe('random definitions over types of extensions', () => {
  it('give the same rows on both ends, whatever schema the extensions are in', async () => {
    const seed = byHand === undefined ? 20_261_130 : Date.now();
    const bench = await createBench();
    const conditions = fc.sample(condition, { numRuns: runs, seed });
    const columnList = 'n, m, a, b, p, q, h, i, t, u';
    const views = conditions.map((text, at) => {
      const join = joins[at % 8];
      const from =
        join === undefined
          ? 'probe'
          : `(SELECT ${columnList} FROM probe) AS left_one JOIN (SELECT ${['a', 'n', 'p', 'h', 't'].join(', ')} FROM other) AS right_one ${join}`;
      // Of a join, a column of one side may not be named alone.
      return join === undefined
        ? `CREATE VIEW v${at} AS SELECT id, ${text} AS c FROM probe`
        : `CREATE VIEW v${at} AS SELECT count(*) AS id, NULL AS c FROM ${from}`;
    });
    const checks = conditions
      .filter((text) => !text.includes('SELECT'))
      .slice(0, Math.ceil(runs / 3))
      .map(
        (text, at) => `CREATE FUNCTION f${at}(${columnTypes}) RETURNS boolean IMMUTABLE
          ${at % 2 === 0 ? `LANGUAGE sql AS $$SELECT ${text}$$` : `LANGUAGE plpgsql AS $$BEGIN RETURN ${text}; END$$`};
        CREATE TABLE t${at} (${columnTypes}, g boolean GENERATED ALWAYS AS (${text}) STORED,
          f boolean GENERATED ALWAYS AS (f${at}(id, ${columnList})) STORED);
        INSERT INTO t${at} (id, ${columnList}) SELECT id, ${columnList} FROM probe;`,
      );
    await bench.source
      .query(`CREATE SCHEMA one; CREATE SCHEMA two; CREATE EXTENSION citext SCHEMA one; CREATE EXTENSION hstore SCHEMA two;
      CREATE EXTENSION ltree SCHEMA public; SET search_path = public, two, one;
      CREATE TABLE probe (${columnTypes}); CREATE TABLE other (${columnTypes});
      INSERT INTO probe SELECT g, g % 2, g % 3, (ARRAY['me', 'ME', 'You', NULL])[g % 4 + 1]::citext, (ARRAY['Me', 'you', 'x'])[g % 3 + 1]::citext,
        (ARRAY['x.y', 'x', NULL])[g % 3 + 1]::ltree, 'x.y', (ARRAY['k=>1', '', 'k=>1,l=>2'])[g % 3 + 1]::hstore, 'k=>1',
        (ARRAY['me', 'ME', 'Me'])[g % 3 + 1], (ARRAY['me', 'Me'])[g % 2 + 1] FROM generate_series(1, 24) AS g;
      INSERT INTO other SELECT id, m, n, upper(b::text)::citext, a, q, p, i, h, u, t FROM probe WHERE id % 2 = 0;
      ${[...views, ...checks].join(';\n')}`);
    const plan = await planSync(
      { config: bench.config, now: Date.now },
      { source: 'src', target: 'dst' },
      { signal: new AbortController().signal },
    );
    expect(plan.blockers).toEqual([]);
    const rows = [
      ...views.map(
        (_, at) => `SELECT '${at}' AS v, array_agg(w::text ORDER BY w::text) AS rows FROM public.v${at} AS w`,
      ),
      ...checks.map((_, at) => `SELECT 't${at}', array_agg(concat(id, g, f) ORDER BY id) FROM public.t${at}`),
    ].join(' UNION ALL ');
    const ordered = `${rows} ORDER BY 1`;
    const wanted = await bench.source.query(ordered);
    await bench.sync('in-place');
    expect(await bench.target.query(ordered)).toEqual(wanted);
    await expectEqual(bench);
  });

  it('are named by the plan where no path gives them their meaning', async () => {
    const bench = await createBench();
    await bench.source
      .query(`CREATE EXTENSION citext; CREATE SCHEMA own; CREATE TABLE t (n int, a citext, b text);
      CREATE VIEW rows_of_two AS SELECT (a, n) < (a, n) AS c FROM t;
      CREATE VIEW in_of_two AS SELECT n FROM t WHERE (a, n) IN (SELECT a, n FROM t);
      CREATE FUNCTION own.same(text, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
      CREATE OPERATOR own.= (LEFTARG = text, RIGHTARG = text, FUNCTION = own.same);
      SET search_path = own, pg_catalog;
      CREATE VIEW public.hides AS SELECT CASE b WHEN 'x' THEN 1 END AS c FROM public.t;
      CREATE VIEW public.in_full AS SELECT b OPERATOR(own.=) 'x' AS c, CASE n WHEN 1 THEN 1 END AS d FROM public.t;
      SET search_path = '';
      CREATE TABLE public.two_paths (a public.citext, CONSTRAINT plain CHECK (CASE a WHEN 'x'::public.citext THEN false ELSE true END));
      SET search_path = public; ALTER TABLE two_paths ADD CONSTRAINT folded CHECK (a IS DISTINCT FROM 'y'::citext);
      CREATE SCHEMA a1; CREATE SCHEMA a2; CREATE EXTENSION hstore SCHEMA a1;
      CREATE FUNCTION a1.g(int) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION a2.g(int) RETURNS int LANGUAGE sql AS 'SELECT 2';
      CREATE FUNCTION calls(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN g($1); END';
      CREATE FUNCTION same(a1.hstore) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN $1 = $1; END';
      CREATE TYPE mood AS ENUM ('a', 'b'); CREATE TABLE moods (x mood, y mood, c citext);
      CREATE VIEW mood_equal AS SELECT x = y AS e, NULLIF(c, 'Me') AS n FROM moods;
      CREATE FUNCTION mood_eq(mood, mood) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
      CREATE OPERATOR = (LEFTARG = mood, RIGHTARG = mood, FUNCTION = mood_eq);
      CREATE TABLE called (n int CHECK (calls(n) > 0)); CREATE TABLE doubted (h a1.hstore); CREATE INDEX doubtful ON doubted (same(h));`);
    const { blockers } = await planSync(
      { config: bench.config, now: Date.now },
      { source: 'src', target: 'dst' },
      { signal: new AbortController().signal },
    );
    const text =
      '(public.<(public.citext,public.citext) and pg_catalog.<(integer,integer); compare column by column)';
    const rows = 'which compares rows by operators of several schemas under one name';
    const unclear = 'which one is meant depends on the caller (ALTER ROUTINE … SET search_path = … fixes it)';
    const clash = (meant: string, other: string): string =>
      `which uses operator ${meant} by its plain name, where operator ${other} would be found instead (write it as OPERATOR(schema.name))`;
    expect(blockers.map(({ code, details }) => [code, details])).toEqual([
      [
        'SOURCE_OBJECT_UNSUPPORTED',
        {
          objects: [
            `index public.doubtful, whose function public.same(a1.hstore) uses operator = by its plain name, which PostgreSQL itself and a1 have; ${unclear}`,
            `table public.called, whose function public.calls(integer) uses g by its plain name, which a1 and a2 have; ${unclear}`,
            `table public.two_paths, ${clash('pg_catalog.=(text,text)', 'public.=(public.citext,public.citext)')}`,
            `view public.hides, ${clash('own.=(text,text)', 'pg_catalog.=(text,text)')}`,
            `view public.in_of_two, ${rows} ${text.replaceAll('<', '=')}`,
            `view public.mood_equal, ${clash('pg_catalog.=(anyenum,anyenum)', 'public.=(public.mood,public.mood)')}`,
            `view public.rows_of_two, ${rows} ${text}`,
          ],
        },
      ],
    ]);
  });
});

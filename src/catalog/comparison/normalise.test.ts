import { describe, expect, it } from 'vitest';
import { normalise } from './normalise.ts';
import { sqlTokens } from './sql-tokens.ts';

describe('sqlTokens', () => {
  it('keeps constants and quoted names whole', () => {
    const words = [`E'a\\'b'`, `'it''s --x'`, `"a "" b"`, '$x$ ; $y$ $x$', '::', 'a$1', '1.5e-3', '<', '='];
    expect(sqlTokens(`${words.join(' ')} -- end\n/* more */`)).toEqual(words);
  });
});

describe('normalise', () => {
  it.each([
    [
      `CHECK (((c)::text = ANY ((ARRAY['x'::character varying, 'y, (z'::character varying])::text[])))`,
      `CHECK (((c)::text = ANY (ARRAY[('x'::character varying)::text, ('y, (z'::character varying)::text])))`,
    ],
    [`SELECT 1 UNION SELECT NULL::integer`, `SELECT 1\n UNION\n SELECT NULL::integer AS int4`],
    [`SELECT NULL::timestamp with time zone,\n 2`, `SELECT NULL::timestamp with time zone AS timestamptz, 2`],
    [`SELECT EXTRACT(YEAR FROM d)`, `SELECT EXTRACT(year FROM d)`],
    [`SELECT  1`, `SELECT\n1`],
  ])('finds %s the same after a reload', (before, after) => {
    expect(normalise(before)).toBe(normalise(after));
  });

  it.each([
    [`CHECK (c = ANY (ARRAY['x', 'y']))`, `CHECK (c = ANY (ARRAY['y', 'x']))`],
    [`(ARRAY['x'::character varying])::text[]`, `(ARRAY['x'::character varying])::name[]`],
    [`(ARRAY['x'])::text[]`, `ARRAY['x']`],
    [`SELECT NULL::integer AS a`, `SELECT NULL::integer`],
    [`SELECT EXTRACT(YEAR FROM d)`, `SELECT EXTRACT(month FROM d)`],
    [`SELECT 'a  b'`, `SELECT 'a b'`],
    [`SELECT "A"`, `SELECT "a"`],
    [`SELECT YEAR`, `SELECT year`],
    [`AS $$ x $$`, `AS $$ x  $$`],
  ])('finds %s and %s different', (one, other) => {
    expect(normalise(one)).not.toBe(normalise(other));
  });
});

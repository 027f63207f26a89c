import { expect, it } from 'vitest';
import { readableQuery } from './readable-query.ts';

it.each([
  [`'Y'::text`, `text 'Y'`, `'N'::text`, `text 'N'`],
  [`'it''s'::public.citext`, `public.citext 'it''s'`, `' DEFAULT '::"A ""b".c`, `"A ""b".c ' DEFAULT '`],
  [`1`, `1`, `'-1'::integer`, `integer '-1'`],
  [`true`, `true`, `false`, `false`],
  [`'1.5'::double precision`, `double precision '1.5'`, `NULL::text`, `NULL`],
  [`'a'::character varying(3)`, `character varying(3) 'a'`, `E'\\\\'::text`, `text E'\\\\'`],
  [
    `'x'::timestamp without time zone`,
    `timestamp without time zone 'x'`,
    `'1'::numeric(3,1)`,
    `numeric(3,1) '1'`,
  ],
])('writes the mark of a cycle as a server reads it: %s', (mark, read, other, otherRead) => {
  const query = (a: string, b: string): string =>
    `WITH RECURSIVE w AS (…) CYCLE x, y SET is_cycle TO ${a} DEFAULT ${b} USING path\n SELECT 'a TO ''Y''::text DEFAULT 1 USING b'::text`;
  expect(readableQuery(query(mark, other))).toBe(query(read, otherRead));
});

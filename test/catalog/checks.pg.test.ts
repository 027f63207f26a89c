import { expect, it } from 'vitest';
import { testDatabase } from '../support/postgres.ts';
import { createBench, modes } from '../harness/environment-pair.ts';
import { dropAll, modelOf } from './oracle.ts';

/** pg_dump restores these only where the tables happen to be loaded in the right order. */
const schema = `
  CREATE TABLE z_known (id integer); INSERT INTO z_known SELECT generate_series(1, 100);
  CREATE FUNCTION known(integer) RETURNS boolean LANGUAGE sql STABLE AS
    'SELECT EXISTS (SELECT FROM public.z_known WHERE id = $1)';
  CREATE FUNCTION pure(integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
  CREATE TABLE item (id integer, CONSTRAINT looks CHECK (known(id)), CONSTRAINT alone CHECK (known(id)) NO INHERIT,
    CONSTRAINT pure CHECK (pure(id)));
  CREATE TABLE own (CONSTRAINT looks CHECK (known(id))) INHERITS (item);
  CREATE TABLE below () INHERITS (own);
  CREATE TABLE parted (id integer, CONSTRAINT looks CHECK (known(id))) PARTITION BY LIST (id);
  CREATE TABLE part PARTITION OF parted DEFAULT PARTITION BY LIST (id);
  CREATE TABLE part_of_part PARTITION OF part DEFAULT;
  COMMENT ON CONSTRAINT looks ON part_of_part IS 'handed down';
  INSERT INTO item VALUES (1); INSERT INTO own VALUES (2); INSERT INTO below VALUES (3); INSERT INTO parted VALUES (4);`;

it.each(modes)('a check that looks at another table comes after its rows (%s)', async (mode) => {
  const source = await testDatabase('looking');
  await source.query(schema);
  const bench = await createBench({ source });
  await bench.sync(mode);
  expect((await bench.verify()).equal).toBe(true);
  const constraints = `SELECT conrelid::regclass::text AS t, conname, convalidated, conislocal, coninhcount, connoinherit
    FROM pg_constraint WHERE contype = 'c' ORDER BY t, conname`;
  expect(await bench.target.query(constraints)).toEqual(await source.query(constraints));
  const { objects } = await modelOf(source.url);
  const own = objects.filter(({ kind, sql }) => kind === 'check constraint' && sql !== '');
  expect(own.map(({ identity, section }) => [identity, section])).toEqual([
    ['check constraint alone on public.item', 'post-data'],
    ['check constraint looks on public.own', 'post-data'],
    ['check constraint looks on public.item', 'post-data'],
    ['check constraint looks on public.parted', 'post-data'],
  ]);
  const copy = await modelOf(bench.target.url);
  await dropAll(bench.target.url, copy);
  expect((await modelOf(bench.target.url)).objects).toEqual([]);
});

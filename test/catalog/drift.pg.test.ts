import { describe, expect, it } from 'vitest';
import { compareModels } from '../../src/catalog/compare.ts';
import { lacks } from '../support/lacks.ts';
import { testDatabase } from '../support/postgres.ts';
import { modelOf, restoredByPgDump } from './oracle.ts';

/** Reloading what the server writes is not a fixed point (facts: §0.1); the comparison knows the cases, and only those. */
describe.skipIf(lacks('client-tools'))('a reload of the server’s own text', () => {
  it('differs, and is still found equal', async () => {
    const source = await testDatabase('drift');
    await source.query(`
      CREATE TABLE t (c varchar(10) CONSTRAINT listed CHECK (c IN ('x, (', 'y]')), d date);
      CREATE INDEX partial ON t (d) WHERE c IN ('x', 'y');
      CREATE VIEW v AS SELECT 1 AS one, EXTRACT(YEAR FROM d) AS y FROM t WHERE c NOT IN ('a', 'b')
        UNION ALL SELECT NULL::integer, NULL::numeric;
      CREATE FUNCTION f(c varchar) RETURNS boolean LANGUAGE sql RETURN c IN ('a', 'b');
      ALTER TABLE t ENABLE ROW LEVEL SECURITY;
      CREATE POLICY p ON t USING (c IN ('a', 'b'))`);
    const reloaded = await restoredByPgDump(source);
    const [left, right] = [await modelOf(source.url), await modelOf(reloaded.url)];
    await reloaded.drop();
    const changed = left.objects
      .filter(({ identity, sql }) => right.objects.find((other) => other.identity === identity)?.sql !== sql)
      .map(({ identity }) => identity);
    expect(changed).toEqual([
      'function public.f(character varying)',
      'table public.t',
      'view public.v',
      'index public.partial',
      'policy p on public.t',
    ]);
    expect(compareModels(left, right)).toEqual([]);

    await source.query(
      `ALTER TABLE t DROP CONSTRAINT listed, ADD CONSTRAINT listed CHECK (c IN ('x, (', 'z'))`,
    );
    expect(compareModels(await modelOf(source.url), right).map(({ name }) => name)).toEqual([
      'table public.t',
    ]);
    await source.drop();
  });

  it('puts columns of a child in its parents’ order, and nothing else may differ', async () => {
    const source = await testDatabase('order');
    await source.query(`
      CREATE TABLE parent (a integer NOT NULL, b text DEFAULT 'b,');
      CREATE TABLE child (own integer, b text DEFAULT E'two\nlines', a integer NOT NULL);
      ALTER TABLE child INHERIT parent`);
    const reloaded = await restoredByPgDump(source);
    const left = await modelOf(source.url);
    expect(compareModels(left, await modelOf(reloaded.url))).toEqual([]);
    await reloaded.query('ALTER TABLE child ALTER COLUMN own SET NOT NULL');
    expect(compareModels(left, await modelOf(reloaded.url)).map(({ name }) => name)).toEqual([
      'table public.child',
    ]);
    await reloaded.drop();
    await source.drop();
  });
});

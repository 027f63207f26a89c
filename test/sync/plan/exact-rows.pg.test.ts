import { describe, expect, it } from 'vitest';
import { quoteIdentifier } from '../../../src/postgres/identifiers.ts';
import type { Plan, PlannedRows } from '../../../src/sync/contract/plan.ts';
import { planSync } from '../../../src/sync/verbs/plan.ts';
import { awkwardKeys, awkwardRows, awkwardTables } from '../../harness/awkward-tables.ts';
import { createBench, stateOf } from '../../harness/environment-pair.ts';
import type { Bench, BenchDatabase } from '../../harness/environment-pair.ts';

const planOf = ({ config }: Bench, input: { readonly estimate?: boolean } = {}): Promise<Plan> =>
  planSync(
    { config, now: Date.now },
    { source: 'src', target: 'dst', ...input },
    { signal: new AbortController().signal },
  );

/** The answer of PostgreSQL itself, row by row: key and content as text, and how often. */
async function rowsOf(
  database: BenchDatabase,
  table: string,
  key: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, number>>> {
  const named = key.length === 0 ? `t::text` : `ROW(${key.map(quoteIdentifier).join(', ')})::text`;
  const rows = await database.query<{ key: string; content: string; times: number }>(
    `SELECT ${named} COLLATE "C" AS key, t::text COLLATE "C" AS content, count(*)::int AS times FROM ${quoteIdentifier(table)} AS t GROUP BY 1, 2`,
  );
  const found = new Map<string, Map<string, number>>();
  for (const { key: of, content, times } of rows)
    found.set(of, new Map([...(found.get(of) ?? []), [content, times]]));
  return found;
}

async function expectedRows(bench: Bench, table: string): Promise<PlannedRows> {
  const key = awkwardKeys[table] ?? [];
  const [here, there] = [
    await rowsOf(bench.source, table, key),
    await rowsOf(bench.target, table, key),
  ] as const;
  const sum = { insert: 0, update: 0, delete: 0, keep: 0 };
  for (const of of new Set([...here.keys(), ...there.keys()])) {
    const [ours, theirs] = [here.get(of) ?? new Map(), there.get(of) ?? new Map()];
    let [more, less] = [0, 0];
    for (const content of new Set([...ours.keys(), ...theirs.keys()])) {
      const [one, other] = [ours.get(content) ?? 0, theirs.get(content) ?? 0];
      sum.keep += Math.min(one, other);
      more += Math.max(0, one - other);
      less += Math.max(0, other - one);
    }
    const update = key.length === 0 ? 0 : Math.min(more, less);
    sum.update += update;
    sum.insert += more - update;
    sum.delete += less - update;
  }
  return sum;
}

describe('the rows of a plan', () => {
  it('are what comparing every row finds, for every kind of table', async () => {
    const bench = await createBench();
    for (const [database, seed] of [
      [bench.source, 1],
      [bench.target, 2],
    ] as const)
      await database.query(awkwardTables + awkwardRows(seed, 400));
    const plan = await planOf(bench);
    expect(plan.blockers).toEqual([]);
    const found = new Map(plan.tables.map(({ table, rows }) => [table, rows]));
    for (const table of Object.keys(awkwardKeys)) {
      const name = table.includes('"') ? `public."${table.replaceAll('"', '""')}"` : `public.${table}`;
      const planned =
        table === 'moods' ? (found.get('public.moods_0') ?? found.get('public.moods_1')) : found.get(name);
      expect({ table, ...planned }).toEqual({ table, ...(await expectedRows(bench, table)) });
    }
    expect(found.get('public.same')).toMatchObject({ insert: 0, update: 0, delete: 0 });
    expect((await planOf(bench, { estimate: true })).tables.every(({ rows }) => rows === null)).toBe(true);
  });

  it('counts few rows of many, what policies keep and empty, and what one end alone has', async () => {
    const bench = await createBench({ policies: { kept: 'preserve', emptied: 'truncate' } });
    const tables = `
      CREATE TABLE big (id bigint PRIMARY KEY, body text);
      INSERT INTO big SELECT i, 'row ' || i FROM generate_series(1, 60000) AS i;
      CREATE TABLE kept (id int PRIMARY KEY); CREATE TABLE emptied (id int PRIMARY KEY);`;
    await bench.source.query(`${tables} CREATE TABLE fresh AS SELECT FROM generate_series(1, 3);`);
    await bench.target.query(`${tables}
      UPDATE big SET body = 'other' WHERE id % 1000 = 0; DELETE FROM big WHERE id % 1000 = 1;
      INSERT INTO big SELECT i, 'more' FROM generate_series(60001, 60007) AS i;
      INSERT INTO kept VALUES (1), (2); INSERT INTO emptied VALUES (1);`);
    const before = await stateOf(bench.target);
    const plan = await planOf(bench);
    expect(Object.fromEntries(plan.tables.map(({ table, rows }) => [table, rows]))).toEqual({
      'public.big': { insert: 60, update: 60, delete: 7, keep: 59_880 },
      'public.kept': { insert: 0, update: 0, delete: 0, keep: 2 },
      'public.emptied': { insert: 0, update: 0, delete: 1, keep: 0 },
      'public.fresh': { insert: 3, update: 0, delete: 0, keep: 0 },
    });
    expect(plan.tables.find(({ table }) => table === 'public.big')).toMatchObject({
      sourceRows: 60_000,
      targetRows: 59_947,
    });
    expect(await stateOf(bench.target)).toEqual(before);
  });
});

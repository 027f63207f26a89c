import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { freshAlias, Wire } from '../search/fixture.ts';
import { testDatabase } from '../support/postgres.ts';
import type { TestDatabase } from '../support/postgres.ts';
import type { TestTypesense } from '../support/typesense-server.ts';
import { besides, leftovers, oldOrNew } from '../harness/aftermath.ts';
import { benchOf } from '../harness/models.ts';
import type { ModelBench, Models } from '../harness/models.ts';

/** A target with a search: two databases, a Typesense, aliases of its own, and a queue. */
export interface ServiceBench extends ModelBench {
  readonly models: Models;
  readonly wire: Wire;
  readonly aliases: readonly string[];
}

export type State = 'old' | 'new';

const tables = ['Part', 'Component'] as const;
/** With the number of parts, so that no document is the same in both states. */
const documentOf = (schema: string): string =>
  `json_build_object('id', t.id::text, 'name', t.name, 'parts', (SELECT count(*) FROM ${schema}."Part"))`;

/** `queue` is the environment that leads to a queue; a database of its own on the shared server when not said. */
export async function serviceBench(
  models: Models,
  typesense: TestTypesense,
  queue?: Readonly<Record<string, string>>,
): Promise<ServiceBench> {
  const aliases = tables.map((table) => freshAlias(table.toLowerCase()));
  const bench = await benchOf(models, {
    env: {
      DST_TYPESENSE_URL: typesense.url,
      DST_TYPESENSE_API_KEY: typesense.apiKey,
      ...(queue ?? { QUEUE_DATABASE_URL: (await testDatabase('service_queue')).url }),
    },
    file: { collections: collectionsOf(aliases) },
  });
  return { ...bench, models, aliases, wire: new Wire(typesense) };
}

/** The part of a configuration file. */
export const collectionsOf = (aliases: readonly string[]): readonly object[] =>
  tables.map((table, index) => ({
    name: aliases[index],
    query: `SELECT ${documentOf('{schema}')} AS document FROM {schema}."${table}" AS t`,
    fields: [{ name: 'parts', type: 'int32' }],
  }));

/** Where the aliases point: all at the documents of the old state, or all at those of the new one. */
async function searchOf({ wire, aliases, models }: ServiceBench): Promise<State | 'mixed' | 'none'> {
  const states = await Promise.all(
    tables.map(async (table, index) => {
      const collection = await wire.aliasTarget(aliases[index] ?? '');
      if (collection === null) return 'none';
      const found = [...(await wire.documents(collection)).values()].map(lineOf).sort(byText);
      const [before, after] = await Promise.all([
        linesOf(models.model, table),
        linesOf(models.source, table),
      ]);
      expect(before).not.toEqual(after);
      if (same(found, before)) return 'old';
      expect(found, `${collection} is whole`).toEqual(after);
      return 'new';
    }),
  );
  const [first = 'none'] = states;
  return states.every((state) => state === first) ? first : 'mixed';
}

/** Database and search, each old or new and nothing else. */
export async function statesOf(
  bench: ServiceBench,
): Promise<{ database: State; search: State | 'mixed' | 'none' }> {
  return { database: await oldOrNew(bench), search: await searchOf(bench) };
}

/**
 * What nobody wants after jobs have ended: what `leftovers` finds, kept databases beyond those expected, journals
 * without an end, notes of locks, and collections beyond the live one and the one kept for undo.
 */
export async function remains(bench: ServiceBench, keptExpected: number): Promise<readonly string[]> {
  const found = [...(await leftovers(bench))];
  const kept = (await besides(bench.target)).filter(({ role }) => role === 'kept');
  if (kept.length !== keptExpected) found.push(`${kept.length} kept databases`);
  const data = bench.env['DATA_DIRECTORY'] ?? '';
  for (const name of await readdir(join(data, 'jobs'))) {
    if (!name.endsWith('.journal')) continue;
    const text = await readFile(join(data, 'jobs', name), 'utf8');
    if (!text.includes('"entry":"ended"')) found.push(`open journal ${name}`);
  }
  found.push(...(await readdir(join(data, 'held-locks'))).map((name) => `note of a lock ${name}`));
  for (const alias of bench.aliases) {
    const collections = await bench.wire.collections(`${alias}__`);
    if (collections.length > 2) found.push(`collections ${collections.join(', ')}`);
  }
  return found;
}

async function linesOf(database: TestDatabase, table: string): Promise<readonly string[]> {
  const rows = await database.query<{ document: Record<string, unknown> }>(
    `SELECT ${documentOf('public')} AS document FROM public."${table}" AS t`,
  );
  return rows.map(({ document }) => lineOf(document)).sort(byText);
}

/** A key whose value is null is left out of a document. */
const lineOf = (document: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(['id', 'name', 'parts'].map((key) => document[key] ?? null));

const byText = (one: string, other: string): number => (one < other ? -1 : 1);

const same = (one: readonly string[], other: readonly string[]): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

import { randomBytes } from 'node:crypto';
import { Wire } from '../search/fixture.ts';
import { testDatabase } from '../support/postgres.ts';
import type { SharedTypesense } from '../support/needs.ts';
import { contentOf } from '../harness/content.ts';
import { benchOf } from '../harness/models.ts';
import type { ModelBench, Models } from '../harness/models.ts';

/** Two tables that two collections are made of, and one with people's own rows. */
export async function searchModels(): Promise<Models> {
  const source = await testDatabase('source');
  const model = await testDatabase('model');
  const tables = `CREATE TABLE part (id int PRIMARY KEY, name text); CREATE TABLE tag (id int PRIMARY KEY, name text);
    CREATE TABLE note (id serial PRIMARY KEY, text text);`;
  await source.query(`${tables} INSERT INTO part SELECT n, 'new ' || n FROM generate_series(1, 50) AS n;
    INSERT INTO tag SELECT n, 'new ' || n FROM generate_series(1, 5) AS n; INSERT INTO note (text) VALUES ('of the source')`);
  await model.query(`${tables} INSERT INTO part SELECT n, 'old ' || n FROM generate_series(1, 30) AS n;
    INSERT INTO tag SELECT n, 'old ' || n FROM generate_series(1, 3) AS n; INSERT INTO note (text) VALUES ('mine'), ('yours')`);
  return {
    source,
    model,
    policies: { note: 'preserve' },
    sourceContent: await contentOf(source),
    oldContent: await contentOf(model),
  };
}

export interface SearchBench extends ModelBench {
  readonly aliases: readonly [string, string];
  readonly wire: Wire;
}

export interface SearchBenchOptions {
  /** Instead of the server's own address. */
  readonly address?: string;
  readonly apiKey?: string;
  /** Instead of the name, of `part`. */
  readonly document?: string;
}

export async function searchBench(
  models: Models,
  server: SharedTypesense,
  { address, apiKey, document = `'name', name` }: SearchBenchOptions = {},
): Promise<SearchBench> {
  const end = randomBytes(4).toString('hex');
  const aliases = [`parts_${end}`, `tags_${end}`] as const;
  const collection = (name: string, table: string, fields: string): object => ({
    name,
    query: `SELECT jsonb_build_object('id', id::text, ${fields}) AS document FROM {schema}.${table}`,
    fields: [{ name: 'name', type: 'string' }],
  });
  const bench = await benchOf(models, {
    env: {
      DST_TYPESENSE_URL: (address ?? server.url).replace(/\/$/, ''),
      DST_TYPESENSE_API_KEY: apiKey ?? server.apiKey,
    },
    file: {
      collections: [collection(aliases[0], 'part', document), collection(aliases[1], 'tag', `'name', name`)],
    },
  });
  return { ...bench, aliases, wire: new Wire(server) };
}

/** What both aliases show, which must be whole: each document of the old state or of the new one, and no other. */
export async function searchState({ aliases, wire }: SearchBench): Promise<'old' | 'new' | 'none' | 'mixed'> {
  const states = await Promise.all(
    aliases.map((alias, index) => aliasState(wire, alias, index === 0 ? [50, 30] : [5, 3])),
  );
  const [one, other] = states;
  return one === other ? one! : 'mixed';
}

async function aliasState(
  wire: Wire,
  alias: string,
  [fresh, old]: readonly number[],
): Promise<'old' | 'new' | 'none'> {
  if ((await wire.aliasTarget(alias)) === null) return 'none';
  const names = [...(await wire.documents(alias)).values()].map(({ name }) => String(name));
  const state = names[0]?.startsWith('new') === true ? 'new' : 'old';
  const count = state === 'new' ? fresh : old;
  if (names.length !== count || !names.every((name) => name.startsWith(state)))
    throw new Error(
      `Alias ${alias} shows ${names.length} documents, which are neither state: ${names.slice(0, 3).join(', ')}`,
    );
  return state;
}

/** Collections of ours that no alias points to. */
export async function unusedCollections({ aliases, wire }: SearchBench): Promise<string[]> {
  const found: string[] = [];
  for (const alias of aliases) {
    const used = await wire.aliasTarget(alias);
    found.push(...(await wire.collections(`${alias}__`)).filter((name) => name !== used));
  }
  return found;
}

import { multiboardTablePolicies } from '../../src/config/presets/multiboard.ts';
import type { TablePolicy } from '../../src/environments/table-policy.ts';
import { createMultiboard } from '../support/multiboard.ts';
import { testDatabase } from '../support/postgres.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { afterSync, contentOf } from './content.ts';
import type { Content } from './content.ts';
import { createBench } from './environment-pair.ts';
import type { Bench, BenchOptions } from './environment-pair.ts';
import { littlePolicies, littleProduction, littleStaging } from './little-catalogue.ts';

/** What the targets of a test file are made from, and what they may hold after a run. */
export interface Models {
  readonly source: TestDatabase;
  /** Never written to: targets are copies of it. */
  readonly model: TestDatabase;
  /** What becomes of its tables. */
  readonly policies: Readonly<Record<string, TablePolicy>>;
  readonly sourceContent: Content;
  readonly oldContent: Content;
}

/** A source and the model of all targets of a test file: the catalogue, with people's own rows in both. */
export async function multiboardModels(parts = 100): Promise<Models> {
  const source = await testDatabase('source');
  const model = await testDatabase('model');
  await createMultiboard(source.url, { parts });
  await createMultiboard(model.url, { parts, variant: 'production' });
  return {
    source,
    model,
    policies: Object.fromEntries(multiboardTablePolicies.map(({ table, policy }) => [table, policy])),
    sourceContent: await contentOf(source),
    oldContent: await contentOf(model),
  };
}

/** The same with a few tables only. */
export async function littleModels(): Promise<Models> {
  const source = await testDatabase('source');
  const model = await testDatabase('model');
  await source.query(littleStaging);
  await model.query(littleProduction);
  return {
    source,
    model,
    policies: littlePolicies,
    sourceContent: await contentOf(source),
    oldContent: await contentOf(model),
  };
}

/** The same with two little tables, and nobody's own rows. */
export async function smallModels(): Promise<Models> {
  const source = await testDatabase('source');
  const model = await testDatabase('model');
  await source.query(`CREATE TABLE part (id int PRIMARY KEY, name text);
    INSERT INTO part SELECT n, 'part ' || n FROM generate_series(1, 1000) AS n;
    CREATE TABLE tag (id serial PRIMARY KEY, name text)`);
  await model.query(
    `CREATE TABLE part (id int PRIMARY KEY); CREATE TABLE note (id int); INSERT INTO note VALUES (1)`,
  );
  return {
    source,
    model,
    policies: {},
    sourceContent: await contentOf(source),
    oldContent: await contentOf(model),
  };
}

/** The same with equal definitions, so that a merge brings the rows. */
export async function mergeModels(): Promise<Models> {
  const [source, model] = [await testDatabase('source'), await testDatabase('model')];
  const definitions = `CREATE TABLE part (id int PRIMARY KEY, name text UNIQUE, parent int REFERENCES part);
    CREATE TABLE tag (part int REFERENCES part ON DELETE CASCADE, name text); CREATE SEQUENCE numbers;`;
  await source.query(`${definitions} INSERT INTO part SELECT n, 'part ' || n, NULLIF(n / 2, 0) FROM generate_series(1, 1000) AS n;
    INSERT INTO tag SELECT n, 'tag' FROM generate_series(1, 300) AS n; SELECT setval('numbers', 7)`);
  await model.query(`${definitions} INSERT INTO part SELECT n, 'part ' || (1001 - n), NULL FROM generate_series(1, 1000) AS n;
    INSERT INTO tag SELECT n, 'tag' FROM generate_series(200, 500) AS n`);
  return {
    source,
    model,
    policies: {},
    sourceContent: await contentOf(source),
    oldContent: await contentOf(model),
  };
}

/** A bench whose target is a copy of the model; it holds `old`, and `new` after a sync. */
export interface ModelBench extends Bench {
  readonly source: TestDatabase;
  readonly target: TestDatabase;
  readonly old: Content;
  readonly new: Content;
  with(env: Readonly<Record<string, string>>): ModelBench;
}

export async function benchOf(
  { source, model, policies, sourceContent, oldContent }: Models,
  options: Pick<BenchOptions, 'env' | 'file'> = {},
): Promise<ModelBench> {
  const target = await testDatabase('target', model.name);
  const bench = await createBench({ source, target, policies, ...options });
  const contents = { old: oldContent, new: afterSync(sourceContent, oldContent, policies) };
  const reached = (by: Bench): ModelBench => ({
    ...by,
    source,
    target,
    ...contents,
    with: (env) => reached(by.with(env)),
  });
  return reached(bench);
}

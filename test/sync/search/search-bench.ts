import { randomBytes } from 'node:crypto';
import { Secret } from '../../../src/lib/secret.ts';
import { createBench } from '../../harness/environment-pair.ts';
import type { Bench, BenchOptions } from '../../harness/environment-pair.ts';
import { Wire } from '../../search/fixture.ts';
import { atFileEnd, testDatabase } from '../../support/postgres.ts';
import { sharedTypesense } from '../../support/typesense.ts';

export interface SearchBench extends Bench {
  /** The alias of its one collection, over "Part". */
  readonly alias: string;
  readonly wire: Wire;
  /** Its real collection now. */
  live(): Promise<string>;
}

/** `src` and `dst` with "Part" (5 rows, and 2), and a search of `dst` in the shared Typesense. */
export async function searchBench(
  changes: Readonly<Record<string, unknown>> = {},
  policies: BenchOptions['policies'] = {},
): Promise<SearchBench> {
  const { url, apiKey } = sharedTypesense();
  const wire = new Wire({ url, apiKey });
  const alias = `bench_${randomBytes(4).toString('hex')}`;
  const source = await testDatabase('source');
  const target = await testDatabase('target');
  const part = 'CREATE TABLE "Part" (id int PRIMARY KEY, name text)';
  await source.query(`${part}; INSERT INTO "Part" SELECT g, 'new' FROM generate_series(1, 5) AS g`);
  await target.query(`${part}; INSERT INTO "Part" VALUES (1, 'old'), (2, 'old')`);
  const bench = await createBench({
    source,
    target,
    policies,
    file: {
      collections: [
        {
          name: alias,
          query: `SELECT json_build_object('id', id::text, 'name', name) AS document FROM {schema}."Part"`,
          fields: [{ name: 'name', type: 'string' }],
          ...changes,
        },
      ],
    },
    change: (config) => ({
      ...config,
      environments: new Map(
        [...config.environments].map(([name, environment]) => [
          name,
          name === 'dst'
            ? { ...environment, search: { nodes: [url], apiKey: new Secret(apiKey) } }
            : environment,
        ]),
      ),
    }),
  });
  atFileEnd(async () => {
    await wire.send('DELETE', `/aliases/${alias}`);
    for (const name of await wire.collections(`${alias}__`))
      await wire.send('DELETE', `/collections/${name}`);
  });
  return {
    ...bench,
    alias,
    wire,
    live: async () => {
      const target = await wire.aliasTarget(alias);
      if (target === null) throw new Error(`there is no alias ${alias}`);
      return target;
    },
  };
}

import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { startServer } from '../../catalog/servers.ts';
import type { CatalogServer } from '../../catalog/servers.ts';
import { psql } from '../../support/client-tools.ts';
import { lacks } from '../../support/lacks.ts';
import { testDatabase } from '../../support/postgres.ts';
import { serverBinaries } from '../../support/servers/fetch.ts';
import { createBench, expectEqual } from '../../harness/environment-pair.ts';
import type { BenchDatabase } from '../../harness/environment-pair.ts';
import { failure } from '../../harness/failure.ts';
import { meaningSchema } from './schema.ts';

async function answers({ url }: BenchDatabase, probes: readonly string[]): Promise<readonly unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const all: unknown[] = [];
    for (const probe of probes) {
      await client.query('RESET ALL');
      // Several statements answer with an array of results; the last one is the probe's.
      const results = [await client.query(probe)].flat();
      all.push([probe, results.at(-1)?.rows]);
    }
    return all;
  } finally {
    await client.end();
  }
}

describe('what a text leaves to the search path means the same', () => {
  it('after a replacement, in a file for psql, and in an import of that file alone', async () => {
    const bench = await createBench();
    const { sql, probes } = meaningSchema('public', 18);
    await bench.source.query(sql);
    const wanted = await answers(bench.source, probes);
    const { dump, warnings } = await bench.sync('replace');
    // On the source its ANALYZE fails as well.
    expect(warnings).toContainEqual(expect.stringMatching(/^Collecting statistics of table app\.words: /));
    expect(await answers(bench.target, probes)).toEqual(wanted);
    await expectEqual(bench);
    const file = dump?.file ?? '';
    const restored = await testDatabase('restored');
    const { stderr } = await psql(restored.url, ['--quiet', '--output=/dev/null', `--file=${file}`]);
    expect(stderr).toBe('');
    expect(await answers(restored, probes)).toEqual(wanted);
    const alone = join(bench.directory, 'alone.sql');
    await copyFile(file, alone);
    await bench.import({ file: alone }, 'replace');
    expect(await answers(bench.target, probes)).toEqual(wanted);
  });

  it('in place, and after the undo of a run that removed it, from a schema of any name', async () => {
    const bench = await createBench();
    const { sql, probes } = meaningSchema(`"Ext's, x"`, 18);
    await bench.source.query(sql);
    const wanted = await answers(bench.source, probes);
    const { warnings } = await bench.sync('in-place');
    expect(warnings.filter((warning) => warning.startsWith('Collecting statistics'))).toHaveLength(2);
    expect(
      await bench.target.query(
        `SELECT tablename FROM pg_stats WHERE tablename IN ('words', 'tagged') GROUP BY 1`,
      ),
    ).toEqual([{ tablename: 'tagged' }]);
    expect(await answers(bench.target, probes)).toEqual(wanted);
    const other = await createBench({ source: await testDatabase('plain'), target: bench.target });
    await other.source.query('CREATE TABLE plain (id int)');
    const { jobId } = await other.sync('in-place');
    await other.rollback(jobId);
    expect(await answers(bench.target, probes)).toEqual(wanted);
    await expectEqual(bench);
  });

  it('under another name of the schema', async () => {
    const bench = await createBench({
      change: (config) => ({
        ...config,
        environments: new Map(
          [...config.environments].map(([name, environment]) => [
            name,
            { ...environment, schema: name === 'src' ? 'public' : 'tenant' },
          ]),
        ),
      }),
    });
    await bench.source.query(meaningSchema('public', 18).sql);
    const wanted = await answers(bench.source, meaningSchema('public', 18).probes);
    await bench.sync('replace');
    const there = await answers(bench.target, meaningSchema('tenant', 18).probes);
    const text = JSON.stringify(wanted)
      .replaceAll('public.', 'tenant.')
      .replaceAll('"citext"', '"tenant.citext"');
    expect(JSON.stringify(there).replaceAll('"citext"', '"tenant.citext"')).toBe(text);
    await expectEqual(bench);
  });
});

describe('rows of tables whose functions find others by plain names', () => {
  it('are kept by both modes, and brought along by an undo', async () => {
    const bench = await createBench({ policies: { 'app.word': 'preserve' } });
    // By the path of the extension's functions as well: those of earthdistance name cube's.
    const sql = `CREATE SCHEMA app; SET search_path = app, public; CREATE EXTENSION cube; CREATE EXTENSION earthdistance VERSION '1.1';
      CREATE FUNCTION half(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT left($1, length($1) / 2)';
      CREATE FUNCTION slug(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN half(lower($1)); END';
      CREATE TABLE word (t text PRIMARY KEY, slug text GENERATED ALWAYS AS (slug(t)) STORED CHECK (slug(t) <> 'no'),
        far float8 GENERATED ALWAYS AS (earth_distance(ll_to_earth(length(t), 1), ll_to_earth(1, 1))) STORED);`;
    await bench.source.query(`${sql} INSERT INTO word VALUES ('Source')`);
    await bench.target.query(`${sql} INSERT INTO word VALUES ('Kept')`);
    const words = async (): Promise<readonly unknown[]> =>
      (
        await bench.target.query<{ slug: string; far: number }>('SELECT slug, far FROM app.word ORDER BY t')
      ).map(({ slug, far }) => [slug, far > 0]);
    await bench.sync('in-place');
    expect(await words()).toEqual([['ke', true]]);
    const { jobId } = await bench.sync('replace');
    expect(await words()).toEqual([['ke', true]]);
    await bench.target.query(`SET search_path = app, public; INSERT INTO word VALUES ('Later')`);
    await bench.rollback(jobId);
    expect(await words()).toEqual([
      ['ke', true],
      ['la', true],
    ]);
  });
});

const missing = [13, 16].filter((major) => lacks(`postgres-${major as 13 | 16}`));

describe.skipIf(missing.length > 0)(
  'on other servers what a text leaves to the search path means the same',
  () => {
    const servers = new Map<number, CatalogServer>();
    beforeAll(async () => {
      for (const major of [13, 16]) servers.set(major, await startServer(serverBinaries(major)));
    });
    const database = (major: number): Promise<BenchDatabase> =>
      servers.get(major)?.database('meaning') ?? testDatabase('meaning');

    it.each([
      [13, 13, 'in-place'],
      [16, 18, 'replace'],
    ] as const)('from %i to %i, %s', async (from, to, mode) => {
      const bench = await createBench({ source: await database(from), target: await database(to) });
      const { sql, probes } = meaningSchema('ext', from, { indexes: to < 17 });
      await bench.source.query(sql);
      const wanted = await answers(bench.source, probes);
      if (to >= 17) {
        // Only the first needs a path: values that are there are checked by no domain, and `clean` calls what
        // PostgreSQL has.
        await bench.source.query(`SET search_path = app, ext; CREATE INDEX by_slug ON slugged (slug(t));
          CREATE DOMAIN mail AS citext; CREATE FUNCTION clean(mail text) RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT trim(regexp_replace(replace(lower(mail), ' ', mail), '[^a-z]', '', 'g'))$$;
          CREATE INDEX by_clean ON slugged (clean(t)); CREATE INDEX by_text ON slugged (lower(t)); CREATE INDEX by_domain ON slugged (d);
          CREATE MATERIALIZED VIEW held AS SELECT id, d, p FROM slugged; CREATE UNIQUE INDEX by_held ON held (id)`);
        expect(await failure(bench.sync(mode))).toMatchObject({
          code: 'TARGET_VERSION',
          details: {
            objects: ['index app.by_slug, whose function app.slug(text) uses app.half by its plain name'],
          },
        });
        await bench.source.query('DROP INDEX app.by_slug');
      }
      await bench.sync(mode);
      expect(await answers(bench.target, probes)).toEqual(wanted);
      const { differences } = await bench.verify();
      // Each server has its own versions of them.
      expect(differences.filter(({ kind }) => kind !== 'extension')).toEqual([]);
    });
  },
);

import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { expect, test } from 'vitest';
import { collectionConfigSchema } from '../../../src/search/collection-config.ts';
import { initSearch } from '../../../src/sync/verbs/init-search.ts';
import { failure } from '../../harness/failure.ts';
import { never } from '../../search/fixture.ts';
import { searchBench } from './search-bench.ts';

test('a table of any types becomes a block to paste, whose collection is built, proved and searched', async () => {
  const bench = await searchBench();
  await bench.target.query(`
    CREATE TYPE mood AS ENUM ('glad', 'sad');
    CREATE DOMAIN price AS numeric(12, 2) CHECK (VALUE >= 0);
    CREATE SCHEMA shop;
    CREATE TABLE shop."Film Stock" (
      shop_id int, film uuid, title varchar(200) NOT NULL, "ye.ar" smallint, views bigint NOT NULL, cost price,
      rating real, ratio double precision, wallet money, live boolean NOT NULL, feeling mood, released date,
      changed timestamptz, deleted_at timestamp, tags text[], sizes int[] NOT NULL, flags boolean[], days date[], extra jsonb,
      old json, place point, id int, raw bytea, words tsvector, span int4range, net inet, "qu'ote""d" text,
      PRIMARY KEY (shop_id, film));
    INSERT INTO shop."Film Stock" VALUES
      (1, '11111111-1111-1111-1111-111111111111', 'One', 1, 9007199254740993, 12.50, 'NaN', 'Infinity', '12.34', true,
       'glad', '2020-01-02', '2020-01-02 00:00:00+00', null, '{a,null,b}', '{{1,2},{3,null}}', '{t,null}', '{2020-01-01}',
       '{"a": {"b": [1, "x"]}}', '{"z": 1}', '(13.4,52.5)', 7, '\\x00', 'a b', '[1,5)', '::1', 'q'),
      (2, '11111111-1111-1111-1111-111111111111', 'Two', null, -1, null, null, null, null, false, null, 'infinity',
       '-infinity', null, null, '{}', null, null, null, null, '(200,95)', null, null, null, null, null, null)`);
  const deps = { config: bench.config, now: Date.now };
  const derived = await initSearch(deps, { environment: 'dst', table: 'shop."Film Stock"' }, never());
  const [pasted] = (parse(derived.block) as { collections: Record<string, unknown>[] }).collections;
  const name = `${bench.alias}_films`;
  const collection = collectionConfigSchema.parse({ ...pasted, name });
  expect([derived.name, pasted?.['name']]).toEqual(['film_stock', 'film_stock']);
  const known = new Map(bench.config.environments);
  const config = { ...bench.config, collections: [collection], environments: known };
  const { runJob } = await import('../../../src/sync/verbs/run-job.ts');
  const request = { kind: 'typesense', input: { environment: 'dst' } } as const;
  const done = await runJob({ config, now: Date.now }, request, {
    jobId: 'own1',
    emit: () => {},
    ...never(),
  });
  expect(done).toMatchObject({ collections: [{ alias: name, documents: 2, verified: true }] });
  const built = (await bench.wire.aliasTarget(name)) ?? '';
  const documents = await bench.wire.documents(built);
  expect([...documents.keys()]).toEqual([
    '[1, "11111111-1111-1111-1111-111111111111"]',
    '[2, "11111111-1111-1111-1111-111111111111"]',
  ]);
  const { _h: _hash, id: _id, ...first } = [...documents.values()][0] ?? {};
  expect(first).toEqual({
    shop_id: 1,
    film: '11111111-1111-1111-1111-111111111111',
    title: 'One',
    'ye.ar': 1,
    views: 9007199254740992,
    cost: 12.5,
    wallet: 12.34,
    live: true,
    feeling: 'glad',
    released: 1577923200,
    changed: 1577923200,
    tags: ['a', 'b'],
    sizes: [1, 2, 3],
    flags: [true],
    days: ['2020-01-01'],
    extra: { a: { b: [1, 'x'] } },
    old: { z: 1 },
    place: [52.5, 13.4],
    span: '[1,5)',
    net: '::1/128',
    'qu\'ote"d': 'q',
  });
  const { found } = await bench.wire.json<{ found: number }>(
    `/collections/${name}/documents/search?q=one&query_by=title&filter_by=live:true&facet_by=feeling`,
  );
  expect(found).toBe(1);
  expect(derived.notes.join('\n')).toMatch(/deleted_at: rows that are marked .*\n[^]*raw: left out/);
  await bench.wire.send('DELETE', `/aliases/${name}`);

  await bench.target.query('CREATE VIEW shop.seen AS SELECT 1 AS n');
  const init = (table: string): ReturnType<typeof initSearch> =>
    initSearch(deps, { environment: 'dst', table }, never());
  expect((await failure(init('shop.seen'))).message).toContain('has no primary key');
  expect((await failure(init('Prat'))).message).toContain('Did you mean "Part"?');
  await bench.target.query(
    'CREATE TABLE shop."Part" (id int PRIMARY KEY); CREATE SCHEMA b; CREATE TABLE b.x (); CREATE TABLE shop.x ()',
  );
  expect((await init('Part')).query).toContain('{schema}."Part"');
  expect((await failure(init('x'))).message).toContain('"x" may be b.x or shop.x');
});

test('all documents that cannot be searched are counted, and the first hundred listed in a file for its owner', async () => {
  const bench = await searchBench({
    query: `SELECT json_build_object('id', id::text, 'n', n, 'at', json_build_array(lat, 0), 'name', name) AS document FROM {schema}."Place"`,
    fields: [
      { name: 'n', type: 'int32' },
      { name: 'at', type: 'geopoint' },
      { name: 'name', type: 'string' },
    ],
  });
  await bench.target.query(`
    CREATE TABLE "Place" (id int PRIMARY KEY, n bigint, lat float8, name text);
    INSERT INTO "Place" SELECT g, 1, 1, 'x' FROM generate_series(1, 7000) AS g;
    UPDATE "Place" SET name = NULL WHERE id <= 6200;
    UPDATE "Place" SET n = 3000000000 WHERE id = 6500;
    UPDATE "Place" SET lat = 95 WHERE id = 6501`);
  const error = await failure(bench.run({ kind: 'typesense', input: { environment: 'dst' } }));
  expect([error.code, error.details['count']]).toEqual(['SEARCH_DOCUMENT_REJECTED', 6202]);
  expect(error.message).toMatch(/ In all 6202 documents\. .* The first 100 are listed in rejects\/dst-/);
  const file = join(bench.directory, 'rejects', `dst-${bench.alias}.jsonl`);
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  expect([lines.length, (await stat(file)).mode & 0o777]).toEqual([100, 0o600]);
  expect(lines.map((line) => JSON.parse(line) as unknown)).toContainEqual({
    id: expect.stringMatching(/^\d+$/) as string,
    field: 'name',
    reason: 'field "name" is required and missing',
  });
  expect(await bench.wire.collections(`${bench.alias}__`)).toEqual([]);
});

import { beforeAll, beforeEach, expect, test } from 'vitest';
import { failure } from '../harness/failure.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import type { FaultProxy } from '../support/fault-proxy.ts';
import { serverUrl } from '../support/postgres.ts';
import { sharedTypesense } from '../support/typesense.ts';
import { application } from '../harness/applications.ts';
import { searchModels, searchState, searchBench, unusedCollections } from './search-models.ts';
import type { SearchBench, SearchBenchOptions } from './search-models.ts';
import { besides, leftovers, oldOrNew } from '../harness/aftermath.ts';
import { command } from '../harness/command.ts';
import type { RunOptions } from '../harness/environment-pair.ts';
import type { Models } from '../harness/models.ts';

let models: Models;
let search: FaultProxy;
let target: FaultProxy;

beforeAll(async () => {
  models = await searchModels();
  search = await startFaultProxy(sharedTypesense().url);
  target = await startFaultProxy(serverUrl());
});

beforeEach(() => {
  search.heal();
  target.heal();
});

/** A target whose aliases show its old state, and whose servers are reached through the proxies. */
async function indexed(options: SearchBenchOptions = {}): Promise<SearchBench> {
  const server = sharedTypesense();
  const bench = await searchBench(models, server, { address: search.through(server.url), ...options });
  await bench.job({ kind: 'typesense', input: { environment: 'dst' } });
  expect(await searchState(bench)).toBe('old');
  return { ...bench, ...bench.with({ DST_DATABASE_URL: target.through(bench.target.url) }) };
}

const atSwitch = (fault: () => void): RunOptions => ({
  onStep: (step) => {
    if (step === 'switch') fault();
  },
});

async function expectOld(bench: SearchBench): Promise<void> {
  search.heal();
  expect([await oldOrNew(bench), await searchState(bench)]).toEqual(['old', 'old']);
  expect(await leftovers(bench)).toEqual([]);
  expect(await besides(bench.target)).toEqual([]);
}

test('a Typesense that is down from the start', async () => {
  const bench = await indexed();
  search.reset();
  const steps: string[] = [];
  const error = await failure(bench.sync('auto', {}, { onStep: (step) => void steps.push(step) }));
  expect([error.code, steps]).toEqual(['SEARCH_UNAVAILABLE', ['recover', 'check']]);
  const planned = await command(bench, ['plan', 'src', 'dst']);
  expect(JSON.stringify(planned.result)).toContain('SEARCH_UNAVAILABLE');
  await expectOld(bench);
  expect(await unusedCollections(bench)).toEqual([]);
});

test('a key that Typesense does not take', async () => {
  const bench = await indexed();
  const wrong = bench.with({ DST_TYPESENSE_API_KEY: 'wrong' });
  expect((await failure(wrong.sync('auto'))).code).toBe('AUTH_SEARCH');
  await expectOld(bench);
});

test('a document that Typesense rejects', async () => {
  const whole = await indexed();
  const bench = await searchBench(models, sharedTypesense(), {
    document: `'name', CASE WHEN name = 'new 40' THEN NULL ELSE name END`,
  });
  const rejected = bench.with({ DST_DATABASE_URL: whole.target.url });
  expect((await failure(rejected.sync('auto'))).code).toMatch(/^SEARCH_DOCUMENT_REJECTED$|^MISMATCH_SEARCH$/);
  await expectOld(whole);
  expect(await unusedCollections(bench)).toEqual([]);
});

test('Typesense goes away when the aliases are to move: the database goes back as well', async () => {
  const bench = await indexed();
  expect(
    (
      await failure(
        bench.sync(
          'auto',
          {},
          atSwitch(() => search.reset()),
        ),
      )
    ).code,
  ).toBe('SEARCH_UNAVAILABLE');
  await expectOld(bench);
});

test('the same while people write: what was acknowledged in between comes along', async () => {
  const bench = await indexed();
  const people = application(
    bench.target.url,
    `INSERT INTO note (text) VALUES ('meanwhile') RETURNING id AS seen`,
  );
  await failure(
    bench.sync(
      'auto',
      {},
      atSwitch(() => search.reset()),
    ),
  );
  const written = (await people.stop()).filter(({ refused }) => !refused).map(({ what }) => what);
  expect(written.length).toBeGreaterThan(10);
  const rows = await bench.target.query<{ id: string }>('SELECT id::text AS id FROM note');
  const found = new Set(rows.map(({ id }) => id));
  expect(written.filter((id) => !found.has(id))).toEqual([]);
  expect(await bench.target.query(`SELECT 1 FROM part WHERE name LIKE 'new%'`)).toEqual([]);
  expect(await leftovers(bench)).toEqual([]);
});

test('neither aliases nor database can go on or back: the error says what is, and the next run settles it', async () => {
  const bench = await indexed();
  const error = await failure(
    bench.sync(
      'auto',
      {},
      atSwitch(() => {
        search.reset();
        target.cutBefore(' RENAME TO ', 2);
      }),
    ),
  );
  expect(error.code).toBe('SEARCH_UNAVAILABLE');
  expect(error.message).toContain('could not be put back');
  search.heal();
  expect([await oldOrNew(bench), await searchState(bench)]).toEqual(['new', 'old']);
  // Any run on this target does it: this one has nothing else to do with the search.
  await bench.sync('auto', { search: false });
  expect([await oldOrNew(bench), await searchState(bench)]).toEqual(['new', 'new']);
  expect(await leftovers(bench)).toEqual([]);
});

test('an undo whose aliases cannot go back changes nothing, and can be done later', async () => {
  const bench = await indexed();
  const { jobId } = await bench.sync('auto');
  const undo = { kind: 'rollback', input: { jobId, confirm: 'dst' } } as const;
  expect(
    (
      await failure(
        bench.job(
          undo,
          atSwitch(() => search.reset()),
        ),
      )
    ).code,
  ).toBe('SEARCH_UNAVAILABLE');
  search.heal();
  expect([await oldOrNew(bench), await searchState(bench)]).toEqual(['new', 'new']);
  expect(await leftovers(bench)).toEqual([]);
  await bench.job(undo);
  expect([await oldOrNew(bench), await searchState(bench)]).toEqual(['old', 'old']);
});

test('in place the search follows: when it cannot, the error says that the database is new', async () => {
  const bench = await indexed();
  const error = await failure(
    bench.sync(
      'in-place',
      {},
      atSwitch(() => search.reset()),
    ),
  );
  expect(error.code).toBe('SEARCH_UNAVAILABLE');
  expect(error.message).toContain('The database has the new data');
  search.heal();
  expect([await oldOrNew(bench), await searchState(bench)]).toEqual(['new', 'old']);
  await bench.job({ kind: 'typesense', input: { environment: 'dst' } });
  expect(await searchState(bench)).toBe('new');
});

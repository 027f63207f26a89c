import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { Receipt } from '../../src/sync/contract/receipts.ts';
import { failure } from '../harness/failure.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import type { FaultProxy } from '../support/fault-proxy.ts';
import { serverUrl } from '../support/postgres.ts';
import { sharedTypesense } from '../support/typesense.ts';
import { application } from '../harness/applications.ts';
import { searchModels, searchState, searchWorkshop, unusedCollections } from './search-models.ts';
import type { SearchWorkshop, SearchWorkshopOptions } from './search-models.ts';
import { besides, command, job, leftovers, stateOf, sync } from '../harness/workshop.ts';
import type { JobOptions, Models } from '../harness/workshop.ts';

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
async function indexed(options: SearchWorkshopOptions = {}): Promise<SearchWorkshop> {
  const server = sharedTypesense();
  const shop = await searchWorkshop(models, server, { address: search.through(server.url), ...options });
  await job(shop, { kind: 'typesense', input: { environment: 'dst' } });
  expect(await searchState(shop)).toBe('old');
  return { ...shop, env: { ...shop.env, DST_DATABASE_URL: target.through(shop.target.url) } };
}

const atSwitch = (fault: () => void): JobOptions => ({
  onStep: (step) => {
    if (step === 'switch') fault();
  },
});

async function expectOld(shop: SearchWorkshop): Promise<void> {
  search.heal();
  expect([await stateOf(shop), await searchState(shop)]).toEqual(['old', 'old']);
  expect(await leftovers(shop)).toEqual([]);
  expect(await besides(shop.target)).toEqual([]);
}

test('a Typesense that is down from the start', async () => {
  const shop = await indexed();
  search.reset();
  const steps: string[] = [];
  const error = await failure(sync(shop, {}, { onStep: (step) => void steps.push(step) }));
  expect([error.code, steps]).toEqual(['SEARCH_UNAVAILABLE', ['recover', 'check']]);
  const planned = await command(shop, ['plan', 'src', 'dst']);
  expect(JSON.stringify(planned.result)).toContain('SEARCH_UNAVAILABLE');
  await expectOld(shop);
  expect(await unusedCollections(shop)).toEqual([]);
});

test('a key that Typesense does not take', async () => {
  const shop = await indexed();
  const wrong = { ...shop, env: { ...shop.env, DST_TYPESENSE_API_KEY: 'wrong' } };
  expect((await failure(sync(wrong))).code).toBe('AUTH_SEARCH');
  await expectOld(shop);
});

test('a document that Typesense rejects', async () => {
  const whole = await indexed();
  const shop = await searchWorkshop(models, sharedTypesense(), {
    document: `'name', CASE WHEN name = 'new 40' THEN NULL ELSE name END`,
  });
  const rejected = {
    ...shop,
    target: whole.target,
    env: { ...shop.env, DST_DATABASE_URL: whole.target.url },
  };
  expect((await failure(sync(rejected))).code).toMatch(/^SEARCH_DOCUMENT_REJECTED$|^MISMATCH_SEARCH$/);
  await expectOld(whole);
  expect(await unusedCollections(rejected)).toEqual([]);
});

test('Typesense goes away when the aliases are to move: the database goes back as well', async () => {
  const shop = await indexed();
  expect(
    (
      await failure(
        sync(
          shop,
          {},
          atSwitch(() => search.reset()),
        ),
      )
    ).code,
  ).toBe('SEARCH_UNAVAILABLE');
  await expectOld(shop);
});

test('the same while people write: what was acknowledged in between comes along', async () => {
  const shop = await indexed();
  const people = application(
    shop.target.url,
    `INSERT INTO note (text) VALUES ('meanwhile') RETURNING id AS seen`,
  );
  await failure(
    sync(
      shop,
      {},
      atSwitch(() => search.reset()),
    ),
  );
  const written = (await people.stop()).filter(({ refused }) => !refused).map(({ what }) => what);
  expect(written.length).toBeGreaterThan(10);
  const rows = await shop.target.query<{ id: string }>('SELECT id::text AS id FROM note');
  const found = new Set(rows.map(({ id }) => id));
  expect(written.filter((id) => !found.has(id))).toEqual([]);
  expect(await shop.target.query(`SELECT 1 FROM part WHERE name LIKE 'new%'`)).toEqual([]);
  expect(await leftovers(shop)).toEqual([]);
});

test('neither aliases nor database can go on or back: the error says what is, and the next run settles it', async () => {
  const shop = await indexed();
  const error = await failure(
    sync(
      shop,
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
  expect([await stateOf(shop), await searchState(shop)]).toEqual(['new', 'old']);
  // Any run on this target does it: this one has nothing else to do with the search.
  await sync(shop, { search: false });
  expect([await stateOf(shop), await searchState(shop)]).toEqual(['new', 'new']);
  expect(await leftovers(shop)).toEqual([]);
});

test('an undo whose aliases cannot go back changes nothing, and can be done later', async () => {
  const shop = await indexed();
  const { jobId } = (await sync(shop)) as Receipt;
  const undo = { kind: 'rollback', input: { jobId, confirm: 'dst' } } as const;
  expect(
    (
      await failure(
        job(
          shop,
          undo,
          atSwitch(() => search.reset()),
        ),
      )
    ).code,
  ).toBe('SEARCH_UNAVAILABLE');
  search.heal();
  expect([await stateOf(shop), await searchState(shop)]).toEqual(['new', 'new']);
  expect(await leftovers(shop)).toEqual([]);
  await job(shop, undo);
  expect([await stateOf(shop), await searchState(shop)]).toEqual(['old', 'old']);
});

test('in place the search follows: when it cannot, the error says that the database is new', async () => {
  const shop = await indexed();
  const error = await failure(
    sync(
      shop,
      { mode: 'in-place' },
      atSwitch(() => search.reset()),
    ),
  );
  expect(error.code).toBe('SEARCH_UNAVAILABLE');
  expect(error.message).toContain('The database has the new data');
  search.heal();
  expect([await stateOf(shop), await searchState(shop)]).toEqual(['new', 'old']);
  await job(shop, { kind: 'typesense', input: { environment: 'dst' } });
  expect(await searchState(shop)).toBe('new');
});

import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { StepId } from '../../src/progress/progress.ts';
import type { Receipt } from '../../src/sync/contract/receipts.ts';
import { failure } from '../harness/failure.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import type { FaultProxy } from '../support/fault-proxy.ts';
import { serverUrl } from '../support/postgres.ts';
import { besides, job, leftovers, littleModels, stateOf, sync, workshop } from '../harness/workshop.ts';
import type { JobOptions, Models, Workshop } from '../harness/workshop.ts';

let models: Models;
let source: FaultProxy;
let target: FaultProxy;

beforeAll(async () => {
  models = await littleModels();
  source = await startFaultProxy(serverUrl());
  target = await startFaultProxy(serverUrl());
});

beforeEach(() => {
  source.heal();
  target.heal();
});

/** A target that is reached through the proxies, and so is its source. */
async function proxied(): Promise<Workshop> {
  const shop = await workshop(models);
  const env = {
    ...shop.env,
    SRC_DATABASE_URL: source.through(models.source.url),
    DST_DATABASE_URL: target.through(shop.target.url),
  };
  return { ...shop, env };
}

const at = (step: StepId, fault: () => void): JobOptions => {
  return {
    onStep: (begun) => {
      if (begun === step) fault();
    },
  };
};

/** After any failure before the switch. */
async function expectUntouched(shop: Workshop): Promise<void> {
  expect(await stateOf(shop)).toBe('old');
  expect(await leftovers(shop)).toEqual([]);
  expect(await besides(shop.target)).toEqual([]);
}

test('the source is cut in the middle of its rows', async () => {
  const shop = await proxied();
  const error = await failure(
    sync(
      shop,
      {},
      at('export', () => source.cutAfter(100_000, 'down')),
    ),
  );
  expect(error.code).toBe('SOURCE_UNAVAILABLE');
  await expectUntouched(shop);
});

test.each<['replace' | 'in-place', StepId]>([
  ['replace', 'backup'],
  ['replace', 'prepare'],
  ['replace', 'load'],
  ['replace', 'build'],
  ['replace', 'verify'],
  ['replace', 'keep'],
  ['in-place', 'load'],
  ['in-place', 'verify'],
])('%s: every connection to the target is cut in step %s', async (mode, step) => {
  const shop = await proxied();
  const error = await failure(
    sync(
      shop,
      { mode },
      at(step, () => target.cutAfter(2_000)),
    ),
  );
  expect(error.code).toBe('TARGET_UNAVAILABLE');
  // The run has cleared up after itself, on a new connection.
  await expectUntouched(shop);
});

const swap = ' RENAME TO ';

test('the connection is cut before the swap reaches the server: the old state, cleared up', async () => {
  const shop = await proxied();
  const error = await failure(
    sync(
      shop,
      { mode: 'replace' },
      at('switch', () => target.cutBefore(swap)),
    ),
  );
  expect(error.code).toBe('TARGET_UNAVAILABLE');
  expect(error.details['settled']).toBeUndefined();
  await expectUntouched(shop);
});

test('the swap is made and its answer lost: the run finds out, and goes on to its receipt', async () => {
  const shop = await proxied();
  const receipt = (await sync(
    shop,
    { mode: 'replace' },
    at('switch', () => target.loseAnswerTo(swap)),
  )) as Receipt;
  expect(await stateOf(shop)).toBe('new');
  expect(receipt.keptDatabase).toBe((await besides(shop.target))[0]?.name);
  expect(await leftovers(shop)).toEqual([]);
});

test('the commit of in-place is made and its answer lost: the run finds out', async () => {
  const shop = await proxied();
  await sync(
    shop,
    { mode: 'in-place' },
    at('switch', () => target.loseAnswerTo('on; COMMIT')),
  );
  expect(await stateOf(shop)).toBe('new');
  expect(await leftovers(shop)).toEqual([]);
});

test('the commit of in-place never arrives: the old state', async () => {
  const shop = await proxied();
  const error = await failure(
    sync(
      shop,
      { mode: 'in-place' },
      at('switch', () => target.cutBefore('on; COMMIT')),
    ),
  );
  expect(error.code).toBe('TARGET_UNAVAILABLE');
  await expectUntouched(shop);
});

test('the answer to an undo is lost: the run finds out, and what people wrote since came along', async () => {
  const shop = await proxied();
  const { jobId } = (await sync(shop, { mode: 'replace' })) as Receipt;
  await shop.target.query(
    `UPDATE "Profile" SET "createdAt" = '2026-01-01' WHERE "id" = (SELECT min("id") FROM "Profile")`,
  );
  const undo = { kind: 'rollback', input: { jobId, confirm: 'dst' } } as const;
  // A session that somebody ends while it copies says nothing about the rows.
  target.stallAt('FROM stdin');
  const ended = failure(job(shop, undo));
  const copying = `SELECT pid FROM pg_stat_activity WHERE datname = $1 AND query LIKE 'COPY %TO STDOUT'`;
  await expect
    .poll(() => shop.target.query(copying, [shop.target.name]), { timeout: 20_000 })
    .toHaveLength(1);
  await shop.target.query(`SELECT pg_terminate_backend(pid, 5000) FROM (${copying}) AS a`, [
    shop.target.name,
  ]);
  target.heal();
  const error = await ended;
  expect([error.code, error.message]).toEqual([
    'TARGET_UNAVAILABLE',
    expect.stringContaining('Bringing the rows of public.Profile back'),
  ]);
  expect(await shop.target.query(`SELECT 1 FROM "Profile" WHERE "createdAt" = '2026-01-01'`)).toHaveLength(1);
  expect(await leftovers(shop)).toEqual([]);
  // What the undo has opened is shut again, though the session is lost with which it was opened.
  target.stallAt(' IN SHARE MODE');
  const beside = failure(job(shop, undo, { jobId: 'undo-beside' }));
  await expect.poll(async () => (await besides(shop.target))[0]?.open, { timeout: 20_000 }).toBe(true);
  await shop.target.query(
    `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
     WHERE datname = 'postgres' AND application_name = 'multiboard-sync undo-beside'`,
  );
  target.heal();
  expect((await beside).code).toMatch(/^TARGET_(?:LOCK_LOST|UNAVAILABLE)$/);
  expect(await leftovers(shop)).toEqual([]);
  // The one that failed may have brought the first row along already.
  await shop.target.query(
    `UPDATE "Profile" SET "createdAt" = '2026-01-01' WHERE "id" = (SELECT max("id") FROM "Profile")`,
  );
  const receipt = (await job(
    shop,
    undo,
    at('switch', () => target.loseAnswerTo(swap)),
  )) as Receipt;
  expect(receipt.warnings).toEqual(['The rows written since then into public.Profile were carried over.']);
  expect(await shop.target.query(`SELECT 1 FROM "Profile" WHERE "createdAt" = '2026-01-01'`)).toHaveLength(2);
  expect(await leftovers(shop)).toEqual([]);
});

test('a slow source only takes longer', async () => {
  const shop = await proxied();
  source.throttle(2_000_000);
  source.delay(1);
  await sync(shop, { backup: 'kept' });
  expect(await stateOf(shop)).toBe('new');
});

import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { StepId } from '../../src/progress/progress.ts';
import type { Receipt } from '../../src/sync/contract/receipts.ts';
import { failure } from '../harness/failure.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import type { FaultProxy } from '../support/fault-proxy.ts';
import { serverUrl } from '../support/postgres.ts';
import { besides, leftovers, oldOrNew } from '../harness/aftermath.ts';
import type { RunOptions } from '../harness/environment-pair.ts';
import { benchOf, littleModels } from '../harness/models.ts';
import type { ModelBench, Models } from '../harness/models.ts';

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
async function proxied(): Promise<ModelBench> {
  const bench = await benchOf(models);
  return bench.with({
    SRC_DATABASE_URL: source.through(models.source.url),
    DST_DATABASE_URL: target.through(bench.target.url),
  });
}

const at = (step: StepId, fault: () => void): RunOptions => {
  return {
    onStep: (begun) => {
      if (begun === step) fault();
    },
  };
};

/** After any failure before the switch. */
async function expectUntouched(bench: ModelBench): Promise<void> {
  expect(await oldOrNew(bench)).toBe('old');
  expect(await leftovers(bench)).toEqual([]);
  expect(await besides(bench.target)).toEqual([]);
}

test('the source is cut in the middle of its rows', async () => {
  const bench = await proxied();
  const error = await failure(
    bench.sync(
      'auto',
      {},
      at('export', () => source.cutAfter(100_000, 'down')),
    ),
  );
  expect(error.code).toBe('SOURCE_UNAVAILABLE');
  await expectUntouched(bench);
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
  const bench = await proxied();
  const error = await failure(
    bench.sync(
      mode,
      {},
      at(step, () => target.cutAfter(2_000)),
    ),
  );
  expect(error.code).toBe('TARGET_UNAVAILABLE');
  // The run has cleared up after itself, on a new connection.
  await expectUntouched(bench);
});

const swap = ' RENAME TO ';

test('the connection is cut before the swap reaches the server: the old state, cleared up', async () => {
  const bench = await proxied();
  const error = await failure(
    bench.sync(
      'replace',
      {},
      at('switch', () => target.cutBefore(swap)),
    ),
  );
  expect(error.code).toBe('TARGET_UNAVAILABLE');
  expect(error.details['settled']).toBeUndefined();
  await expectUntouched(bench);
});

test('the swap is made and its answer lost: the run finds out, and goes on to its receipt', async () => {
  const bench = await proxied();
  const receipt = await bench.sync(
    'replace',
    {},
    at('switch', () => target.loseAnswerTo(swap)),
  );
  expect(await oldOrNew(bench)).toBe('new');
  expect(receipt.keptDatabase).toBe((await besides(bench.target))[0]?.name);
  expect(await leftovers(bench)).toEqual([]);
});

test('the commit of in-place is made and its answer lost: the run finds out', async () => {
  const bench = await proxied();
  await bench.sync(
    'in-place',
    {},
    at('switch', () => target.loseAnswerTo('on; COMMIT')),
  );
  expect(await oldOrNew(bench)).toBe('new');
  expect(await leftovers(bench)).toEqual([]);
});

test('the commit of in-place never arrives: the old state', async () => {
  const bench = await proxied();
  const error = await failure(
    bench.sync(
      'in-place',
      {},
      at('switch', () => target.cutBefore('on; COMMIT')),
    ),
  );
  expect(error.code).toBe('TARGET_UNAVAILABLE');
  await expectUntouched(bench);
});

test('the answer to an undo is lost: the run finds out, and what people wrote since came along', async () => {
  const bench = await proxied();
  const { jobId } = await bench.sync('replace');
  await bench.target.query(
    `UPDATE "Profile" SET "createdAt" = '2026-01-01' WHERE "id" = (SELECT min("id") FROM "Profile")`,
  );
  const undo = { kind: 'rollback', input: { jobId, confirm: 'dst' } } as const;
  // A session that somebody ends while it copies says nothing about the rows.
  target.stallAt('FROM stdin');
  const ended = failure(bench.job(undo));
  const copying = `SELECT pid FROM pg_stat_activity WHERE datname = $1 AND query LIKE 'COPY %TO STDOUT'`;
  await expect
    .poll(() => bench.target.query(copying, [bench.target.name]), { timeout: 20_000 })
    .toHaveLength(1);
  await bench.target.query(`SELECT pg_terminate_backend(pid, 5000) FROM (${copying}) AS a`, [
    bench.target.name,
  ]);
  target.heal();
  const error = await ended;
  expect([error.code, error.message]).toEqual([
    'TARGET_UNAVAILABLE',
    expect.stringContaining('Bringing the rows of public.Profile back'),
  ]);
  expect(await bench.target.query(`SELECT 1 FROM "Profile" WHERE "createdAt" = '2026-01-01'`)).toHaveLength(
    1,
  );
  expect(await leftovers(bench)).toEqual([]);
  // What the undo has opened is shut again, though the session is lost with which it was opened.
  target.stallAt(' IN SHARE MODE');
  const beside = failure(bench.job(undo, { jobId: 'undo-beside' }));
  await expect.poll(async () => (await besides(bench.target))[0]?.open, { timeout: 20_000 }).toBe(true);
  await bench.target.query(
    `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
     WHERE datname = 'postgres' AND application_name = 'multiboard-sync undo-beside'`,
  );
  target.heal();
  expect((await beside).code).toMatch(/^TARGET_(?:LOCK_LOST|UNAVAILABLE)$/);
  expect(await leftovers(bench)).toEqual([]);
  // The one that failed may have brought the first row along already.
  await bench.target.query(
    `UPDATE "Profile" SET "createdAt" = '2026-01-01' WHERE "id" = (SELECT max("id") FROM "Profile")`,
  );
  const receipt = (await bench.job(
    undo,
    at('switch', () => target.loseAnswerTo(swap)),
  )) as Receipt;
  expect(receipt.warnings).toEqual(['The rows written since then into public.Profile were carried over.']);
  expect(await bench.target.query(`SELECT 1 FROM "Profile" WHERE "createdAt" = '2026-01-01'`)).toHaveLength(
    2,
  );
  expect(await leftovers(bench)).toEqual([]);
});

test('a slow source only takes longer', async () => {
  const bench = await proxied();
  source.throttle(2_000_000);
  source.delay(1);
  await bench.sync('auto', { backup: 'kept' });
  expect(await oldOrNew(bench)).toBe('new');
});

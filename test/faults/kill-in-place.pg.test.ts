import { beforeAll, expect, test } from 'vitest';
import type { StepId } from '../../src/progress/progress.ts';
import {
  command,
  jobOf,
  leftovers,
  littleModels,
  stateOf,
  syncArguments,
  workshop,
} from '../harness/workshop.ts';
import type { Fault, Models } from '../harness/workshop.ts';

let models: Models;

beforeAll(async () => {
  models = await littleModels();
});

/** Before and after the transaction has taken its locks; every step by itself is in test/real/kills. */
const steps: readonly StepId[] = ['load', 'keep'];

// A process for each, each with a whole database.
test(
  'kill -9 of in-place, in the transaction and before its commit: the transaction is gone, and the next run needs no help',
  { timeout: 150_000 },
  async () => {
    const shop = await workshop(models);
    for (const step of steps) {
      const run = await command(shop, syncArguments('in-place'), { fault: { step } });
      expect([step, run.code, run.result['type']]).toEqual([step, null, 'progress']);
      expect([step, await stateOf(shop)]).toEqual([step, 'old']);
    }
    const run = await command(shop, syncArguments('in-place'), {
      fault: { sends: 'on; COMMIT', before: true },
    });
    expect([run.code, await stateOf(shop)]).toEqual([null, 'old']);
    const undo = await command(shop, ['rollback', jobOf(run), '--confirm', 'dst']);
    expect([undo.stderr, undo.code]).toEqual([expect.stringContaining('CONFLICT_STATE'), 5]);
    expect(await command(shop, syncArguments('in-place'))).toMatchObject({ code: 0, result: { ok: true } });
    expect(await stateOf(shop)).toBe('new');
    expect(await leftovers(shop)).toEqual([]);
  },
);

test.each<[string, Fault]>([
  ['right after the commit is sent', { sends: 'on; COMMIT' }],
  ['when the commit is done', { step: 'clean' }],
])('kill -9 %s: whole, and what was committed can be undone', async (_when, fault) => {
  const shop = await workshop(models);
  const run = await command(shop, syncArguments('in-place'), { fault });
  expect(run.code).toBe(null);
  expect(await stateOf(shop)).toBe('new');
  const undo = await command(shop, ['rollback', jobOf(run), '--confirm', 'dst']);
  expect([undo.stderr, undo.code]).toEqual(['', 0]);
  expect(await stateOf(shop)).toBe('old');
  expect(await leftovers(shop)).toEqual([]);
});

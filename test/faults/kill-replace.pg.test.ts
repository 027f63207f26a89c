import { beforeAll, expect, test } from 'vitest';
import type { StepId } from '../../src/progress/progress.ts';
import {
  command,
  leftovers,
  multiboardModels,
  stateOf,
  syncArguments,
  workshop,
} from '../harness/workshop.ts';
import type { Fault, Models } from '../harness/workshop.ts';

let models: Models;

beforeAll(async () => {
  models = await multiboardModels();
});

const steps: readonly StepId[] = [
  'recover',
  'check',
  'export',
  'backup',
  'readback',
  'prepare',
  'load',
  'build',
  'verify',
  'keep',
  'switch',
];

/**
 * Each run is killed one step later than the one before, and has to put right what that one left: the last of them
 * clears up after all.
 */
// A process for each step, each with a whole database.
test(
  'kill -9 in every step: the target is old or new and open, and the next run needs no help',
  { timeout: 150_000 },
  async () => {
    const shop = await workshop(models);
    for (const step of steps) {
      const run = await command(shop, syncArguments('replace'), { fault: { step } });
      expect([step, run.code, run.result['type']]).toEqual([step, null, 'progress']);
      expect([step, await stateOf(shop)]).toEqual([step, 'old']);
    }
    expect(await command(shop, syncArguments('replace'))).toMatchObject({ code: 0, result: { ok: true } });
    expect(await stateOf(shop)).toBe('new');
    expect(await leftovers(shop)).toEqual([]);
  },
);

const moments: readonly [string, Fault, RegExp][] = [
  ['the new database exists, unmarked', { sends: 'CREATE DATABASE' }, /old/],
  ['the swap is not yet sent', { sends: ' RENAME TO ', before: true }, /old/],
  ['the swap is sent', { sends: ' RENAME TO ' }, /old|new/],
  ['the database is live, the run not yet done', { step: 'clean' }, /new/],
];

test.each(moments)('kill -9 when %s', async (_when, fault, state) => {
  const shop = await workshop(models);
  const run = await command(shop, syncArguments('replace'), { fault });
  expect(run.code).toBe(null);
  expect(await stateOf(shop)).toMatch(state);
  const next = await command(shop, syncArguments('replace'));
  expect([next.code, next.stderr]).toEqual([0, '']);
  expect(await stateOf(shop)).toBe('new');
  expect(await leftovers(shop)).toEqual([]);
});

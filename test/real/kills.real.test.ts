import { expect, test } from 'vitest';
import type { StepId } from '../../src/progress/progress.ts';
import {
  command,
  leftovers,
  multiboardModels,
  stateOf,
  syncArguments,
  workshop,
} from '../harness/workshop.ts';

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

/** What test/faults tries for each thing that is left, here for every step, one run after the other. */
test.each(['replace', 'in-place'])(
  'kill -9 in every step of %s: the target is old and open, and the next run needs no help',
  async (mode) => {
    const shop = await workshop(await multiboardModels());
    for (const step of steps) {
      const run = await command(shop, syncArguments(mode), { fault: { step } });
      expect([step, run.code, run.result['type']]).toEqual([step, null, 'progress']);
      expect([step, await stateOf(shop)]).toEqual([step, 'old']);
    }
    expect(await command(shop, syncArguments(mode))).toMatchObject({ code: 0, result: { ok: true } });
    expect(await stateOf(shop)).toBe('new');
    expect(await leftovers(shop)).toEqual([]);
  },
);

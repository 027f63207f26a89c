import { expect, test } from 'vitest';
import type { StepId } from '../../src/progress/progress.ts';
import { leftovers, oldOrNew } from '../harness/aftermath.ts';
import { command, syncArguments } from '../harness/command.ts';
import { benchOf, multiboardModels } from '../harness/models.ts';
import { modes } from '../harness/environment-pair.ts';

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
test.each(modes)(
  'kill -9 in every step of %s: the target is old and open, and the next run needs no help',
  async (mode) => {
    const bench = await benchOf(await multiboardModels(), { env: { SYNC_PRESET: 'multiboard' } });
    for (const step of steps) {
      const run = await command(bench, syncArguments(mode), { fault: { step } });
      expect([step, run.code, run.result['type']]).toEqual([step, null, 'progress']);
      expect([step, await oldOrNew(bench)]).toEqual([step, 'old']);
    }
    expect(await command(bench, syncArguments(mode))).toMatchObject({ code: 0, result: { ok: true } });
    expect(await oldOrNew(bench)).toBe('new');
    expect(await leftovers(bench)).toEqual([]);
  },
);

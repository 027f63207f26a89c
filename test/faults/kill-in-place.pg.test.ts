import { beforeAll, expect, test } from 'vitest';
import type { StepId } from '../../src/progress/progress.ts';
import { leftovers, oldOrNew } from '../harness/aftermath.ts';
import { command, jobOf, syncArguments } from '../harness/command.ts';
import type { Fault } from '../harness/command.ts';
import { benchOf, littleModels } from '../harness/models.ts';
import type { Models } from '../harness/models.ts';

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
    const bench = await benchOf(models);
    for (const step of steps) {
      const run = await command(bench, syncArguments('in-place'), { fault: { step } });
      expect([step, run.code, run.result['type']]).toEqual([step, null, 'progress']);
      expect([step, await oldOrNew(bench)]).toEqual([step, 'old']);
    }
    const run = await command(bench, syncArguments('in-place'), {
      fault: { sends: 'on; COMMIT', before: true },
    });
    expect([run.code, await oldOrNew(bench)]).toEqual([null, 'old']);
    const undo = await command(bench, ['rollback', jobOf(run), '--confirm', 'dst']);
    expect([undo.stderr, undo.code]).toEqual([expect.stringContaining('CONFLICT_STATE'), 5]);
    expect(await command(bench, syncArguments('in-place'))).toMatchObject({ code: 0, result: { ok: true } });
    expect(await oldOrNew(bench)).toBe('new');
    expect(await leftovers(bench)).toEqual([]);
  },
);

test.each<[string, Fault]>([
  ['right after the commit is sent', { sends: 'on; COMMIT' }],
  ['when the commit is done', { step: 'clean' }],
])('kill -9 %s: whole, and what was committed can be undone', async (_when, fault) => {
  const bench = await benchOf(models);
  const run = await command(bench, syncArguments('in-place'), { fault });
  expect(run.code).toBe(null);
  expect(await oldOrNew(bench)).toBe('new');
  const undo = await command(bench, ['rollback', jobOf(run), '--confirm', 'dst']);
  expect([undo.stderr, undo.code]).toEqual(['', 0]);
  expect(await oldOrNew(bench)).toBe('old');
  expect(await leftovers(bench)).toEqual([]);
});

import { beforeAll, expect, test } from 'vitest';
import { SyncError } from '../../src/errors/sync-error.ts';
import type { StepId } from '../../src/progress/progress.ts';
import { besides, leftovers, oldOrNew } from '../harness/aftermath.ts';
import { command, syncArguments } from '../harness/command.ts';
import { benchOf, littleModels } from '../harness/models.ts';
import type { ModelBench, Models } from '../harness/models.ts';
import { modes } from '../harness/environment-pair.ts';

let models: Models;

beforeAll(async () => {
  models = await littleModels();
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

const cancelled = (): SyncError => new SyncError('CANCELLED', 'Cancelled by a test.');

/** A cancelled run clears up itself: nothing is left to the next one. */
async function expectNothing(bench: ModelBench, step: string): Promise<void> {
  expect([step, await oldOrNew(bench)]).toEqual([step, 'old']);
  expect([step, await leftovers(bench), await besides(bench.target)]).toEqual([step, [], []]);
}

// A process for each: with nothing made yet, with half a dump, with half a database, with all but the switch. What an
// abort leaves in the other steps is tried below, in this process.
test('Ctrl-C: exit code 130, the target as it was, nothing left', { timeout: 150_000 }, async () => {
  const bench = await benchOf(models);
  for (const step of ['check', 'export', 'load', 'keep'] as const) {
    const { code, result } = await command(bench, syncArguments('replace'), {
      fault: { step, signal: 'SIGINT' },
    });
    expect([step, code, result['error'], result['target']]).toEqual([
      step,
      130,
      expect.objectContaining({ code: 'CANCELLED' }),
      'This run did not change dst.',
    ]);
    await expectNothing(bench, step);
  }
});

test('Ctrl-C in the very moment of the switch: one or the other, and what is said is true', async () => {
  const bench = await benchOf(models);
  const { code, result } = await command(bench, syncArguments('replace'), {
    fault: { sends: ' RENAME TO ', signal: 'SIGINT' },
  });
  const state = await oldOrNew(bench);
  expect([code, result['ok'], state]).toEqual(code === 0 ? [0, true, 'new'] : [130, false, 'old']);
  expect(await leftovers(bench)).toEqual([]);
});

const longer = { timeout: 150_000 };

/** Up to the loading both modes do the same. */
const ownSteps = { replace: steps, 'in-place': steps.slice(steps.indexOf('prepare')) } as const;

test.each(modes)('an abort in every step of %s, in this process', longer, async (mode) => {
  const bench = await benchOf(models);
  for (const step of ownSteps[mode]) {
    const abort = new AbortController();
    const error: unknown = await bench
      .sync(
        mode,
        {},
        {
          signal: abort.signal,
          onStep: (begun) => {
            if (begun === step) abort.abort(cancelled());
          },
        },
      )
      .catch((thrown: unknown) => thrown);
    expect([step, (error as SyncError).code]).toEqual([step, 'CANCELLED']);
    await expectNothing(bench, step);
  }
});

test.each(modes)('an abort while rows of %s move', longer, async (mode) => {
  let bench = await benchOf(models);
  for (const step of ['export', 'backup', 'load', 'build', 'keep', 'verify'] as const) {
    if (!ownSteps[mode].includes(step)) continue;
    const abort = new AbortController();
    const error: unknown = await bench
      .sync(
        mode,
        {},
        {
          signal: abort.signal,
          onEvent: (event) => {
            if (event.type !== 'progress') return;
            const running = event.progress.steps.find(({ state }) => state === 'running')?.id;
            if (running === step && event.progress.itemsTotal > 0) abort.abort(cancelled());
          },
        },
      )
      .catch((thrown: unknown) => thrown);
    // A step may be over before it said that it moves.
    if (abort.signal.aborted) {
      expect([step, (error as SyncError).code]).toEqual([step, 'CANCELLED']);
      await expectNothing(bench, step);
    } else bench = await benchOf(models); // That run came to its end, and the target is new.
  }
});

test('a cancel that comes after the switch changes nothing any more: done is done', async () => {
  const bench = await benchOf(models);
  const abort = new AbortController();
  await bench.sync(
    'auto',
    {},
    {
      signal: abort.signal,
      onStep: (step) => {
        if (step === 'clean') abort.abort(cancelled());
      },
    },
  );
  expect(await oldOrNew(bench)).toBe('new');
  expect(await leftovers(bench)).toEqual([]);
});

import { beforeAll, expect, test } from 'vitest';
import { leftovers, oldOrNew } from '../harness/aftermath.ts';
import { command, jobOf, syncArguments } from '../harness/command.ts';
import type { Fault } from '../harness/command.ts';
import { benchOf, mergeModels } from '../harness/models.ts';
import type { Models } from '../harness/models.ts';

let models: Models;

beforeAll(async () => {
  models = await mergeModels();
});

/** Before the transaction, in it, and before its commit. */
const early: readonly Fault[] = [
  { step: 'verify' },
  { sends: 'CREATE SCHEMA' },
  { sends: 'on; COMMIT', before: true },
];

// A process for each.
test(
  'kill -9 of a merge before its commit: the old state, and the next run needs no help',
  { timeout: 150_000 },
  async () => {
    const bench = await benchOf(models);
    for (const fault of early) {
      const run = await command(bench, syncArguments('merge'), { fault });
      expect([fault, run.code, await oldOrNew(bench)]).toEqual([fault, null, 'old']);
    }
    await bench.sync('merge');
    expect(await oldOrNew(bench)).toBe('new');
    expect(await leftovers(bench)).toEqual([]);
  },
);

test.each<[string, Fault]>([
  ['right after the commit is sent', { sends: 'on; COMMIT' }],
  ['when the commit is done', { step: 'clean' }],
])('kill -9 %s: the new state, which can be undone, whatever happens to the undo', async (_when, fault) => {
  const bench = await benchOf(models);
  const run = await command(bench, syncArguments('merge'), { fault });
  expect([run.code, await oldOrNew(bench)]).toEqual([null, 'new']);
  const undo = ['rollback', jobOf(run), '--confirm', 'dst'];
  const killed = await command(bench, undo, { fault: { sends: 'on; COMMIT', before: true } });
  expect([killed.code, await oldOrNew(bench)]).toEqual([null, 'new']);
  await bench.rollback(jobOf(run));
  expect(await oldOrNew(bench)).toBe('old');
  expect(await leftovers(bench)).toEqual([]);
});

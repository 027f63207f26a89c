import { beforeAll, expect, test } from 'vitest';
import { leftovers, oldOrNew } from '../harness/aftermath.ts';
import { command, jobOf, syncArguments } from '../harness/command.ts';
import type { Fault } from '../harness/command.ts';
import { benchOf, littleModels } from '../harness/models.ts';
import type { Models } from '../harness/models.ts';

let models: Models;
const sync = [...syncArguments('switch'), '--schema', 'public'];

beforeAll(async () => {
  models = await littleModels();
});

/** While tables are made beside the live ones, loaded, built and compared; in the last moment; before its commit. */
const early: readonly Fault[] = [
  { step: 'load' },
  { step: 'build' },
  { sends: 'CREATE SCHEMA "multiboard_sync_undo_' },
  { sends: 'on; COMMIT', before: true },
];

// A process for each.
test(
  'kill -9 of a switch before its commit: the old state, and the next run needs no help',
  { timeout: 150_000 },
  async () => {
    const bench = await benchOf(models);
    for (const fault of early) {
      const run = await command(bench, sync, { fault });
      expect([fault, run.code, await oldOrNew(bench)]).toEqual([fault, null, 'old']);
    }
    expect(await command(bench, sync)).toMatchObject({ code: 0, result: { ok: true } });
    expect(await oldOrNew(bench)).toBe('new');
    expect(await leftovers(bench)).toEqual([]);
  },
);

test('kill -9 right after the commit is sent: the new state, which can be undone, whatever happens to the undo', async () => {
  const bench = await benchOf(models);
  const run = await command(bench, sync, { fault: { sends: 'on; COMMIT' } });
  expect([run.code, await oldOrNew(bench)]).toEqual([null, 'new']);
  const undo = ['rollback', jobOf(run), '--confirm', 'dst'];
  const killed = await command(bench, undo, { fault: { sends: 'on; COMMIT', before: true } });
  expect([killed.code, await oldOrNew(bench)]).toEqual([null, 'new']);
  const undone = await command(bench, undo);
  expect([undone.stderr, undone.code]).toEqual(['', 0]);
  expect(await oldOrNew(bench)).toBe('old');
  expect(await leftovers(bench)).toEqual([]);
});

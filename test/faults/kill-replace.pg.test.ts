import { beforeAll, expect, test } from 'vitest';
import { leftovers, oldOrNew } from '../harness/aftermath.ts';
import { command, syncArguments } from '../harness/command.ts';
import type { Fault } from '../harness/command.ts';
import { benchOf, littleModels } from '../harness/models.ts';
import type { Models } from '../harness/models.ts';

let models: Models;

beforeAll(async () => {
  models = await littleModels();
});

/** One for each thing that a killed run can leave; every step by itself is in test/real/kills. */
const strikes: readonly (readonly [string, Fault])[] = [
  ['half a dump', { step: 'export' }],
  ['half a safety copy', { step: 'backup' }],
  ['the new database exists, unmarked', { sends: 'CREATE DATABASE' }],
  ['a marked database without rows', { step: 'load' }],
  ['kept rows to bring over', { step: 'keep' }],
  ['the swap is not yet sent', { sends: ' RENAME TO ', before: true }],
];

/**
 * Each run is killed later than the one before, and has to put right what that one left: the last of them clears up
 * after all.
 */
// A process for each strike, each with a whole database.
test(
  'kill -9, whatever is half done: the target is old or new and open, and the next run needs no help',
  { timeout: 150_000 },
  async () => {
    const bench = await benchOf(models);
    for (const [when, fault] of strikes) {
      const run = await command(bench, syncArguments('replace'), { fault });
      expect([when, run.code, run.result['type']]).toEqual([when, null, 'progress']);
      expect([when, await oldOrNew(bench)]).toEqual([when, 'old']);
    }
    await bench.sync('replace');
    expect(await oldOrNew(bench)).toBe('new');
    expect(await leftovers(bench)).toEqual([]);
  },
);

test('kill -9 when the swap is sent, and when the database is live and the run not yet done', async () => {
  const bench = await benchOf(models);
  expect((await command(bench, syncArguments('replace'), { fault: { sends: ' RENAME TO ' } })).code).toBe(
    null,
  );
  expect(await oldOrNew(bench)).toMatch(/old|new/);
  expect((await command(bench, syncArguments('replace'), { fault: { step: 'clean' } })).code).toBe(null);
  expect(await oldOrNew(bench)).toBe('new');
  await bench.sync('replace');
  expect(await oldOrNew(bench)).toBe('new');
  expect(await leftovers(bench)).toEqual([]);
});

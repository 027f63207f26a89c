import { beforeAll, expect, test } from 'vitest';
import { leftovers, oldOrNew } from '../harness/aftermath.ts';
import { command, jobOf, syncArguments } from '../harness/command.ts';
import type { Fault } from '../harness/command.ts';
import { failure } from '../harness/failure.ts';
import { benchOf, littleModels } from '../harness/models.ts';
import type { Models } from '../harness/models.ts';

let models: Models;

beforeAll(async () => {
  models = await littleModels();
});

/**
 * Before and after the transaction has taken its locks, for a database and for some of its schemas, where the new ones
 * are made beside the live ones; every step by itself is in test/real/kills.
 */
const ways: readonly (readonly [string, Readonly<Record<string, string>>, readonly Fault[]])[] = [
  ['a database', {}, [{ step: 'load' }, { step: 'keep' }]],
  [
    'a schema',
    { SRC_DATABASE_SCHEMAS: 'public', DST_DATABASE_SCHEMAS: 'public' },
    [{ sends: 'ALTER SCHEMA "public" RENAME TO' }, { step: 'build' }, { step: 'keep' }],
  ],
];

// A process for each, each with a whole database.
test.each(ways)(
  'kill -9 of in-place of %s, in the transaction and before its commit: the transaction is gone, and the next run needs no help',
  async (_what, env, faults) => {
    const bench = await benchOf(models, { env });
    for (const fault of faults) {
      const run = await command(bench, syncArguments('in-place'), { fault });
      expect([fault, run.code, run.result['type']]).toEqual([fault, null, 'progress']);
      expect([fault, await oldOrNew(bench)]).toEqual([fault, 'old']);
    }
    const run = await command(bench, syncArguments('in-place'), {
      fault: { sends: 'on; COMMIT', before: true },
    });
    expect([run.code, await oldOrNew(bench)]).toEqual([null, 'old']);
    expect(await failure(bench.rollback(jobOf(run)))).toMatchObject({ code: 'CONFLICT_STATE' });
    await bench.sync('in-place');
    expect(await oldOrNew(bench)).toBe('new');
    expect(await leftovers(bench)).toEqual([]);
  },
  150_000,
);

test.each<[string, Fault]>([
  ['right after the commit is sent', { sends: 'on; COMMIT' }],
  ['when the commit is done', { step: 'clean' }],
])('kill -9 %s: whole, and what was committed can be undone', async (_when, fault) => {
  const bench = await benchOf(models);
  const run = await command(bench, syncArguments('in-place'), { fault });
  expect(run.code).toBe(null);
  expect(await oldOrNew(bench)).toBe('new');
  await bench.rollback(jobOf(run));
  expect(await oldOrNew(bench)).toBe('old');
  expect(await leftovers(bench)).toEqual([]);
});

import { beforeAll, expect, test } from 'vitest';
import type { JobEvent } from '../../src/progress/progress.ts';
import { sharedTypesense } from '../support/typesense.ts';
import { searchModels, searchState, searchBench, unusedCollections } from './search-models.ts';
import { leftovers, oldOrNew } from '../harness/aftermath.ts';
import { command, jobOf, syncArguments } from '../harness/command.ts';
import type { Fault } from '../harness/command.ts';
import type { Bench } from '../harness/environment-pair.ts';
import { failure } from '../harness/failure.ts';
import type { Models } from '../harness/models.ts';

let models: Models;

beforeAll(async () => {
  models = await searchModels();
});

/** What a rebuild of the search tells. */
async function eventsOf(bench: Bench): Promise<readonly JobEvent[]> {
  const events: JobEvent[] = [];
  await bench.job(
    { kind: 'typesense', input: { environment: 'dst' } },
    { onEvent: (event) => events.push(event) },
  );
  return events;
}

const moments: readonly [string, Fault, string, string][] = [
  ['the build begins', { step: 'search-build' }, 'old', 'old'],
  ['a collection is being filled', { sends: '/documents/import', count: 2 }, 'old', 'old'],
  ['the swap is made, and no alias moved', { sends: 'PUT /aliases/', before: true }, 'new', 'old'],
  [
    'one alias has moved and the other has not',
    { sends: 'PUT /aliases/', count: 2, before: true },
    'new',
    'mixed',
  ],
  ['all is done but the clearing up', { step: 'clean' }, 'new', 'new'],
];

/**
 * The next run is the undo of the dead one: it has to bring both to one state before it can say what there is to undo.
 */
test.each(moments)('kill -9 when %s', async (_when, fault, database, aliases) => {
  const bench = await searchBench(models, sharedTypesense());
  await bench.job({ kind: 'typesense', input: { environment: 'dst' } });
  const run = await command(bench, syncArguments('replace'), { fault });
  expect(run.code).toBe(null);
  expect([await oldOrNew(bench), await searchState(bench)]).toEqual([database, aliases]);
  const undo = bench.rollback(jobOf(run));
  if (database === 'new') await undo;
  else expect((await failure(undo)).code).toBe('CONFLICT_STATE');
  expect([await oldOrNew(bench), await searchState(bench)]).toEqual(['old', 'old']);
  expect(await leftovers(bench)).toEqual([]);
  // After an undo the collections of the undone state stay, as its database does.
  if (database === 'old') expect(await unusedCollections(bench)).toEqual([]);
});

test('kill -9 in the very first build leaves no collection behind, also for a run without search', async () => {
  const bench = await searchBench(models, sharedTypesense());
  const run = await command(bench, syncArguments('replace'), {
    fault: { sends: '/documents/import', count: 2 },
  });
  expect(run.code).toBe(null);
  expect((await unusedCollections(bench)).length).toBeGreaterThan(0);
  await bench.sync('replace', { search: false });
  expect(await unusedCollections(bench)).toEqual([]);
  expect([await oldOrNew(bench), await searchState(bench)]).toEqual(['new', 'none']);
});

test('kill -9 after an in-place commit, before the search has followed', async () => {
  const bench = await searchBench(models, sharedTypesense());
  await bench.job({ kind: 'typesense', input: { environment: 'dst' } });
  const run = await command(bench, syncArguments('in-place'), {
    fault: { sends: '/documents/import', count: 2 },
  });
  expect(run.code).toBe(null);
  expect([await oldOrNew(bench), await searchState(bench)]).toEqual(['new', 'old']);
  expect(await eventsOf(bench)).toContainEqual(
    expect.objectContaining({
      type: 'log',
      message: expect.stringContaining('the search still shows the old data'),
    }),
  );
  expect(await searchState(bench)).toBe('new');
  expect(await leftovers(bench)).toEqual([]);
});

test('kill -9 of a rebuild between two aliases: the next run moves the other one first', async () => {
  const bench = await searchBench(models, sharedTypesense());
  await bench.job({ kind: 'typesense', input: { environment: 'dst' } });
  const run = await command(bench, ['typesense', 'dst', '--rebuild'], {
    fault: { sends: 'PUT /aliases/', count: 2, before: true },
  });
  expect(run.code).toBe(null);
  expect(await eventsOf(bench)).toContainEqual(
    expect.objectContaining({
      type: 'log',
      message: expect.stringContaining('Brought all search aliases of run'),
    }),
  );
  expect(await leftovers(bench)).toEqual([]);
});

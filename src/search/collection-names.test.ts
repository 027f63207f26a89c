import { expect, test } from 'vitest';
import { comparableVersion } from './check-cluster.ts';
import {
  isBuiltByRun,
  isBuiltCollection,
  isBuiltUnderLock,
  isLeftProbe,
  newCollectionName,
  probeMark,
} from './collection-names.ts';

const at = Date.UTC(2026, 10, 22, 13, 5, 9);

test('a new name tells alias, time and run, and is recognised', () => {
  const named = (runId: string, lockMark: string | null = null) =>
    newCollectionName('parts', at, { runId, lockMark });
  expect(named('Job-0123456789AB')).toBe('parts__20261122130509_456789ab');
  expect(named('--')).toBe('parts__20261122130509_run');
  expect(isBuiltCollection('parts', named('x'))).toBe(true);
  const marked = named('x', '5f0c77aa');
  expect(marked).toBe('parts__20261122130509_x_5f0c77aa');
  expect(isBuiltCollection('parts', marked)).toBe(true);
});

test('a name tells its run and its lock, and one is not taken for the other', () => {
  const run = { runId: '5f0c77aa', lockMark: '00c0ffee' };
  const marked = newCollectionName('parts', at, run);
  expect(isBuiltByRun('parts', marked, [run.runId])).toBe(true);
  expect(isBuiltByRun('parts', marked, [run.lockMark])).toBe(false);
  expect(isBuiltUnderLock('parts', marked, run.lockMark)).toBe(true);
  expect(isBuiltUnderLock('parts', marked, run.runId)).toBe(false);
  expect(isBuiltUnderLock('parts', marked, null)).toBe(false);
  expect(isBuiltUnderLock('parts', newCollectionName('parts', at, { ...run, lockMark: null }), null)).toBe(
    false,
  );
  expect(isBuiltUnderLock('art', marked, run.lockMark)).toBe(false);
});

test('what a plan made for a look is left for a day', () => {
  const probe = newCollectionName('parts', at, { runId: 'plan 1', lockMark: probeMark });
  const day = 86_400_000;
  expect([at, at + day - 1000, at + day + 1000].map((now) => isLeftProbe('parts', probe, now))).toEqual([
    false,
    false,
    true,
  ]);
  const built = newCollectionName('parts', at, { runId: 'plan 1', lockMark: '5f0c77aa' });
  expect(isLeftProbe('parts', built, at + 9 * day)).toBe(false);
});

test('later names sort after earlier ones', () => {
  const named = (then: number, runId: string) => newCollectionName('p', then, { runId, lockMark: null });
  expect(named(at, 'zz') < named(at + 1000, 'aa')).toBe(true);
});

test.each([
  ['parts'],
  ['parts_v1'],
  ['parts__2026_x'],
  ['parts__20261122130509'],
  ['other__20261122130509_a'],
  ['parts__20261122130509_a_b'],
  ['parts__20261122130509_a_5f0c77aa_b'],
  ['xparts__20261122130509_a'],
])('a collection of someone else is never ours: %s', (name) => {
  expect(isBuiltCollection('parts', name)).toBe(false);
});

test('versions compare across the change of numbering', () => {
  const sorted = ['0.24.1', '0.25.2', '26.0', '27.1', '30.0', '30.2', 'nightly'];
  const numbers = sorted.map((version) => comparableVersion(version));
  expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  expect(new Set(numbers).size).toBe(numbers.length);
});

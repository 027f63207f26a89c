import { expect, test } from 'vitest';
import { comparableVersion } from './check-cluster.ts';
import { isBuiltCollection, newCollectionName } from './collection-names.ts';

const at = Date.UTC(2026, 10, 22, 13, 5, 9);

test('a new name tells alias, time and run, and is recognised', () => {
  expect(newCollectionName('parts', at, 'Job-0123456789AB')).toBe('parts__20261122130509_456789ab');
  expect(newCollectionName('parts', at, '--')).toBe('parts__20261122130509_run');
  expect(isBuiltCollection('parts', newCollectionName('parts', at, 'x'))).toBe(true);
});

test('later names sort after earlier ones', () => {
  expect(newCollectionName('p', at, 'zz') < newCollectionName('p', at + 1000, 'aa')).toBe(true);
});

test.each([
  ['parts'],
  ['parts_v1'],
  ['parts__2026_x'],
  ['parts__20261122130509'],
  ['other__20261122130509_a'],
  ['parts__20261122130509_a_b'],
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

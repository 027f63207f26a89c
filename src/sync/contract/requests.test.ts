import { expect, test } from 'vitest';
import { jobKinds, jobRequestSchema, requests, stepsOf } from './requests.ts';

const accepted = (dump: unknown): boolean =>
  jobRequestSchema.safeParse({ kind: 'import', input: { dump, target: 'dst', confirm: 'dst' } }).success;

test('who sends a request names dumps by their ids, never by a path', () => {
  expect(accepted({ id: 'src-20260102T030405Z' })).toBe(true);
  const paths = [
    { file: '/a.sql' },
    { id: '../dumps/a' },
    { id: '/dumps/a.sql' },
    '/a.sql',
    { id: 'a', file: 'b' },
  ];
  for (const path of paths) expect([path, accepted(path)]).toEqual([path, false]);
});

test.each(jobKinds)('%s: who writes to a target names it, and only who writes can be undone', (kind) => {
  const { writes, undoable, steps } = requests[kind];
  expect(undoable).toBe(writes === 'database' || writes === 'search');
  // The first step of whoever writes is to put right what a dead run left; a dump is checked even before.
  if (writes !== 'nothing') expect(steps.slice(0, 2).map(({ id }) => id)).toContain('recover');
});

test.each(['import', 'sync'] as const)('%s: a job has no step for what it does not do', (kind) => {
  const idsOf = (parts: Parameters<typeof stepsOf>[1]): readonly string[] =>
    stepsOf(kind, parts).map(({ id }) => id);
  const optional = ['backup', 'readback', 'search-build', 'keep'];
  expect(idsOf({}).filter((id) => optional.includes(id))).toEqual([]);
  expect(idsOf({ backup: true, search: true, policies: true }).filter((id) => optional.includes(id))).toEqual(
    optional,
  );
});

import { expect, test } from 'vitest';
import { jobRequestSchema } from './requests.ts';

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

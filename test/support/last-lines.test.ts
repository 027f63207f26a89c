import { describe, expect, test } from 'vitest';
import { lastLines } from './last-lines.ts';
import type { FileOutcome, RunOutcome } from './last-lines.ts';

const file: FileOutcome = {
  project: 'pg',
  file: 'test/a.pg.test.ts',
  tests: ['one', 'two'],
  skippedCount: 0,
  lacked: [],
};
const run: RunOutcome = {
  files: [file],
  projects: [{ name: 'pg', missing: {}, skipped: '' }],
  chosen: false,
  withoutMatrix: false,
};
const lines = (change: Partial<RunOutcome>): string => lastLines({ ...run, ...change }).text;

describe('the last lines of a run', () => {
  test('say nothing where all has run and passed', () => {
    expect(lastLines(run)).toEqual({ text: '', ok: true });
  });

  test('name each file with skipped tests and what it lacked', () => {
    const missing = { 'client-tools': 'no network', mount: 'not allowed here' };
    const text = lines({
      files: [{ ...file, skippedCount: 2, lacked: ['mount'] }],
      projects: [{ name: 'pg', missing, skipped: '' }],
    });
    expect(text).toBe('\nSkipped:\n  test/a.pg.test.ts (2 tests): mount is missing (not allowed here)\n');
  });

  test('name a file that skips by a condition of its own', () => {
    expect(lines({ files: [{ ...file, skippedCount: 1 }] })).toBe(
      '\nSkipped:\n  test/a.pg.test.ts (1 test): by a condition of its own\n',
    );
  });

  test('name a whole project once', () => {
    const skipped = { ...file, project: 'redis', skippedCount: 2 };
    const text = lines({
      files: [skipped, { ...skipped, file: 'test/b.redis.test.ts' }],
      projects: [{ name: 'redis', missing: { redis: 'not on PATH' }, skipped: 'not on PATH' }],
    });
    expect(text).toBe('\nSkipped:\n  all of "redis" (4 tests): redis is missing (not on PATH)\n');
  });

  test('say nothing of tests that were not chosen', () => {
    expect(lines({ files: [{ ...file, skippedCount: 2 }], chosen: true })).toBe('');
  });

  test('say how to run the matrix', () => {
    expect(lines({ withoutMatrix: true })).toContain('`npm run test:all`');
  });

  test('name two tests of one name, and make the run red', () => {
    const { text, ok } = lastLines({ ...run, files: [{ ...file, tests: ['one', 'two', 'one', 'one'] }] });
    expect(ok).toBe(false);
    expect(text.match(/test\/a\.pg\.test\.ts > one$/gm)).toHaveLength(1);
    expect(text).not.toContain('> two');
  });
});

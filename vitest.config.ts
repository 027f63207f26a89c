import { defineConfig } from 'vitest/config';
import { LongFirst } from './test/support/sequencer.ts';

/**
 * Suites by what they need: `*.test.ts` nothing, `*.pg.test.ts` PostgreSQL, `*.redis.test.ts` Redis (and
 * PostgreSQL), `*.search.test.ts` Typesense, `*.e2e.test.ts` everything, with real processes and a browser.
 * `*.matrix.test.ts` repeats on every major what the other suites prove on the newest and the oldest.
 */
const servers = ['pg', 'redis', 'search', 'e2e', 'matrix'];
const needs = (suffix: string): string[] => [`src/**/*.${suffix}.test.ts`, `test/**/*.${suffix}.test.ts`];

export default defineConfig({
  test: {
    // One more than a small machine has cores: a test that waits (for a lock, for a silent server) leaves its core to
    // others.
    maxWorkers: 3,
    sequence: { sequencer: LongFirst },
    reporters: ['default', './test/support/last-lines.ts'],
    projects: [
      {
        test: {
          name: 'fast',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'web/**/*.test.ts'],
          exclude: [...servers, 'real'].flatMap((suffix) => needs(suffix)),
          // Properties over a hundred inputs, beside servers that use the same cores.
          testTimeout: 30_000,
          // To load the sources anew costs a file more than most of its tests do; none keeps anything in them.
          isolate: false,
        },
      },
      ...servers.map((suffix) => ({
        test: {
          name: suffix,
          include: needs(suffix),
          globalSetup: ['test/support/global-setup.ts'],
          setupFiles: ['test/support/setup.ts'],
          runner: 'test/support/runner.ts',
          // Bounds for what hangs; a busy machine takes ten times as long as an idle one.
          testTimeout: suffix === 'e2e' ? 300_000 : 180_000,
          hookTimeout: 180_000,
          // What the next file must not find (databases, sessions, what was lacking), test/support clears away. Those
          // with Redis replace a module.
          isolate: suffix === 'redis',
        },
      })),
    ],
  },
});

import { defineConfig } from 'vitest/config';

/** Real schemas, PostgreSQL's own regression database, thousands of jobs: `npm run test:real`, by hand, for minutes. */
export default defineConfig({
  test: {
    name: 'real',
    include: ['test/real/**/*.real.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/setup.ts'],
    runner: 'test/support/runner.ts',
    testTimeout: 1_800_000,
    hookTimeout: 1_800_000,
    maxWorkers: 1,
    reporters: ['default', './test/support/last-lines.ts'],
  },
});

import { afterAll } from 'vitest';
import type { RunnerTask } from 'vitest';
import { dropTestObjects } from './postgres.ts';

/** Runs in every file of the suites with servers: what the file created goes, unless one of its tests failed. */
// vitest reads the first parameter's names: it wants fixtures picked from it, and there are none to pick.
// oxlint-disable-next-line no-empty-pattern
afterAll(async ({}, file) => {
  await dropTestObjects({ keep: failed(file) });
});

function failed(task: Readonly<RunnerTask>): boolean {
  return task.result?.state === 'fail' || ('tasks' in task && task.tasks.some(failed));
}

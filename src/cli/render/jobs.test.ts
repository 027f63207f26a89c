import { expect, it } from 'vitest';
import { renderJob, renderJobs } from './jobs.ts';
import type { ShownJob } from './jobs.ts';

const job: ShownJob = {
  id: 'j1',
  kind: 'sync',
  state: 'done',
  request: { kind: 'sync', input: { source: 'a', target: 'b', confirm: 'b' } },
  source: 'a',
  target: 'b',
  actor: null,
  trigger: null,
  createdAt: 0,
  startedAt: 0,
  finishedAt: 1,
  attempts: 1,
  retryOf: null,
  progress: null,
  receipt: null,
  error: null,
  shortened: false,
};
const undo = { undoneBy: null, overtakenBy: [], lacks: [], gone: [], notes: [] };

it.each([
  ['undone', 'Undone by job j6.', { ...undo, undoneBy: 'j6' }],
  [
    'no longer',
    'Can no longer be undone. Its database is gone.',
    { ...undo, gone: ['Its database is gone.'] },
  ],
  [
    'overtaken',
    'Job j4 ran later: undoing this one undoes its changes as well.',
    { ...undo, overtakenBy: ['j4'] },
  ],
  ['possible', undefined, undo],
  ['-', undefined, null],
])('says what became of an undo, in a list as of one job: %s', (word, words, known) => {
  const shown = { ...job, undo: known };
  const [, row = ''] = renderJobs([shown], { color: false, now: 1 }).split('\n');
  expect(row.trimEnd().endsWith(` ${word}`)).toBe(true);
  expect(/^Undo +(.*)$/m.exec(renderJob(shown, { color: false, program: null }))?.[1]).toBe(words);
});

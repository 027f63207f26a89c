import { expect, test } from 'vitest';
import { scratchDirectory } from '../../../test/support/scratch.ts';
import { loadConfig } from '../../config/load-config.ts';
import { errorReport, SyncError } from '../../errors/sync-error.ts';
import type { ErrorCode } from '../../errors/catalogue.ts';
import { givenUp } from '../contract/given-up.ts';
import { runJob } from '../verbs/run-job.ts';
import { endOf, readJobRecord, removeQueuedRecord, writeJobRecord } from './records.ts';
import type { JobRecord } from './records.ts';

const record = (change: Partial<JobRecord>): JobRecord => ({
  version: 1,
  id: 'job',
  kind: 'verify',
  state: 'running',
  source: 'src',
  target: 'dst',
  startedAt: 1,
  finishedAt: null,
  receipt: null,
  error: null,
  undoneBy: null,
  asked: { queue: 'here', request: { kind: 'verify', input: { left: 'src', right: 'dst' } } },
  ...change,
});
const failed = (code: ErrorCode): JobRecord =>
  record({ state: 'failed', error: errorReport(new SyncError(code, 'its words')) });

test('an end that was told is final, unless the job is tried again after it', () => {
  for (const state of ['queued', 'running', 'cancelling'] as const)
    expect(endOf(record({ state }))).toBeNull();
  expect(endOf(null)).toBeNull();
  for (const code of ['SOURCE_UNAVAILABLE', 'CANCELLED', 'JOB_LOST'] as const)
    expect(endOf(failed(code))).toMatchObject({ code, message: 'its words' });
  for (const code of ['JOB_WORKER_LOST', 'CONFLICT_TARGET_BUSY'] as const)
    expect(endOf(failed(code))).toBeNull();
  // A later version's.
  const { error } = failed('CANCELLED');
  expect(
    endOf(record({ state: 'failed', error: { ...error!, code: 'NEVER_HEARD' as ErrorCode } })),
  ).toBeNull();
});

test('a run that is handed out again tells its end, and one that another has taken over writes none', async () => {
  const cwd = await scratchDirectory('records');
  const config = loadConfig({ env: { DATA_DIRECTORY: cwd }, cwd });
  const run = (signal: AbortSignal): Promise<unknown> =>
    runJob(
      { config, now: Date.now },
      { kind: 'verify', input: { left: 'src', right: 'dst' } },
      { jobId: 'job', signal, emit: () => {} },
    ).catch((error: unknown) => error);
  const going = new AbortController().signal;
  await writeJobRecord(config, failed('SOURCE_UNAVAILABLE'));
  expect(await run(going)).toMatchObject({ code: 'SOURCE_UNAVAILABLE', message: 'its words' });
  // Another process has the job now, and this is its record.
  const others = record({ startedAt: 7 });
  await writeJobRecord(config, others);
  expect(await run(AbortSignal.abort(givenUp('job')))).toMatchObject({ code: 'CANCELLED' });
  expect(await readJobRecord(config, 'job')).toEqual(others);
  // What was asked for stays in the record of its run.
  expect(await run(going)).toMatchObject({ code: 'CONFIG_ENVIRONMENT_UNKNOWN' });
  expect(await readJobRecord(config, 'job')).toMatchObject({ state: 'failed', asked: others.asked });
  await removeQueuedRecord(config, 'job');
  expect(await readJobRecord(config, 'job')).not.toBeNull();
  await writeJobRecord(config, record({ state: 'queued' }));
  await removeQueuedRecord(config, 'job');
  expect(await readJobRecord(config, 'job')).toBeNull();
});

import { beforeAll, expect, test } from 'vitest';
import { SyncError } from '../../src/errors/sync-error.ts';
import { leftovers, oldOrNew } from '../harness/aftermath.ts';
import { command, syncArguments } from '../harness/command.ts';
import { benchOf, littleModels } from '../harness/models.ts';
import type { Models } from '../harness/models.ts';

/** What the worker does when it takes up a job that was cancelled while its process was dead. */
let models: Models;

beforeAll(async () => {
  models = await littleModels();
});

const request = { kind: 'sync', input: { source: 'src', target: 'dst', confirm: 'dst' } } as const;
const cancelled = AbortSignal.abort(new SyncError('CANCELLED', 'The job was cancelled.'));

test('one that had not switched is cancelled, and nothing of it stays', async () => {
  const bench = await benchOf(models);
  const killed = await command(bench, syncArguments('replace'), { fault: { step: 'verify' } });
  const { jobId } = killed.result['progress'] as { jobId: string };
  expect(await leftovers(bench)).not.toEqual([]);
  await expect(bench.job(request, { jobId, signal: cancelled })).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(await oldOrNew(bench)).toBe('old');
  expect(await leftovers(bench)).toEqual([]);
});

test('one that had switched is done, and says so', async () => {
  const bench = await benchOf(models);
  const killed = await command(bench, syncArguments('replace'), { fault: { step: 'clean' } });
  const { jobId } = killed.result['progress'] as { jobId: string };
  const receipt = await bench.job(request, { jobId, signal: cancelled });
  expect(receipt).toMatchObject({ type: 'receipt', jobId, kind: 'sync' });
  expect(await oldOrNew(bench)).toBe('new');
  expect(await leftovers(bench)).toEqual([]);
});

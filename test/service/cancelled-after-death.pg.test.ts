import { beforeAll, expect, test } from 'vitest';
import {
  command,
  job,
  leftovers,
  littleModels,
  stateOf,
  syncArguments,
  workshop,
} from '../harness/workshop.ts';
import type { Models } from '../harness/workshop.ts';
import { SyncError } from '../../src/errors/sync-error.ts';

/** What the worker does when it takes up a job that was cancelled while its process was dead. */
let models: Models;

beforeAll(async () => {
  models = await littleModels();
});

const request = { kind: 'sync', input: { source: 'src', target: 'dst', confirm: 'dst' } } as const;
const cancelled = AbortSignal.abort(new SyncError('CANCELLED', 'The job was cancelled.'));

test('one that had not switched is cancelled, and nothing of it stays', async () => {
  const shop = await workshop(models);
  const killed = await command(shop, syncArguments('replace'), { fault: { step: 'verify' } });
  const { jobId } = killed.result['progress'] as { jobId: string };
  expect(await leftovers(shop)).not.toEqual([]);
  await expect(job(shop, request, { jobId, signal: cancelled })).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(await stateOf(shop)).toBe('old');
  expect(await leftovers(shop)).toEqual([]);
});

test('one that had switched is done, and says so', async () => {
  const shop = await workshop(models);
  const killed = await command(shop, syncArguments('replace'), { fault: { step: 'clean' } });
  const { jobId } = killed.result['progress'] as { jobId: string };
  const receipt = await job(shop, request, { jobId, signal: cancelled });
  expect(receipt).toMatchObject({ type: 'receipt', jobId, kind: 'sync' });
  expect(await stateOf(shop)).toBe('new');
  expect(await leftovers(shop)).toEqual([]);
});

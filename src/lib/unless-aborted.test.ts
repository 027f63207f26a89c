import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { unlessAborted } from './unless-aborted.ts';

const never = new Promise<never>(() => {});

it('answers what the work answers, and throws what it throws', async () => {
  const { signal } = new AbortController();
  expect(await unlessAborted(Promise.resolve('done'), signal, () => 'left')).toBe('done');
  await expect(unlessAborted(Promise.reject(new Error('of the work')), signal, () => 'left')).rejects.toThrow(
    'of the work',
  );
});

it('ends with the signal, also with one that was aborted before', async () => {
  const leaving = new AbortController();
  const waiting = unlessAborted(never, leaving.signal, () => 'left');
  leaving.abort();
  expect(await waiting).toBe('left');
  expect(await unlessAborted(never, leaving.signal, () => 'left')).toBe('left');
  await expect(
    unlessAborted(never, leaving.signal, () => {
      throw new Error('of the signal');
    }),
  ).rejects.toThrow('of the signal');
});

it('leaves nothing at a signal that lives on', async () => {
  const { signal } = new AbortController();
  await unlessAborted(Promise.resolve('done'), signal, () => 'left');
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

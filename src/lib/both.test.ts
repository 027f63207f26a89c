import { expect, test } from 'vitest';
import { asSyncError, SyncError } from '../errors/sync-error.ts';
import { both } from './both.ts';
import { Releasers, withReleasers } from './releasers.ts';

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('was aborted'))));
const fails = (message: string) => (): Promise<never> => Promise.reject(new Error(message));

test('the first failure of two aborts the other, and is the one that is thrown', async () => {
  await expect(both(fails('left'), untilAborted, undefined)).rejects.toThrow('left');
  await expect(both(untilAborted, fails('right'), new AbortController().signal)).rejects.toThrow('right');
});

test('both are awaited, also the one that does not care', async () => {
  let ended = false;
  const slow = async (): Promise<void> => {
    await new Promise(setImmediate);
    ended = true;
  };
  await expect(both(fails('first'), slow, undefined)).rejects.toThrow('first');
  expect(ended).toBe(true);
});

test('an abort from outside is what is told', async () => {
  const stop = new AbortController();
  const running = both(untilAborted, untilAborted, stop.signal);
  stop.abort(new Error('cancelled'));
  await expect(running).rejects.toThrow('cancelled');
});

test('two values come back in their order', async () => {
  expect(
    await both(
      () => Promise.resolve(1),
      () => Promise.resolve('2'),
      undefined,
    ),
  ).toEqual([1, '2']);
});

test('what is deferred after the release is closed at once', async () => {
  const releasers = new Releasers();
  await releasers.release();
  let closed = false;
  releasers.defer(() => {
    closed = true;
  });
  expect(closed).toBe(true);
});

test('a failing closer does not hide what failed before it, and is told where nothing did', async () => {
  const failing = (releasers: Releasers): void => releasers.defer(fails('closing'));
  await expect(
    withReleasers((releasers) => {
      failing(releasers);
      return Promise.reject(new Error('work'));
    }),
  ).rejects.toThrow('work');
  await expect(
    withReleasers((releasers) => {
      failing(releasers);
      return Promise.resolve(1);
    }),
  ).rejects.toThrow('closing');
});

test('nor does the end of an `await using`', async () => {
  const failing = { [Symbol.asyncDispose]: fails('closing') };
  const work = async (): Promise<void> => {
    await using _open = failing;
    throw new SyncError('SOURCE_EMPTY', 'work');
  };
  const thrown: unknown = await work().catch((error: unknown) => error);
  expect(asSyncError(thrown)).toMatchObject({ code: 'SOURCE_EMPTY', message: 'work' });
});

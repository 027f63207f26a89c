import { expect, test } from 'vitest';
import { SyncError } from '../errors/sync-error.ts';
import { pauseBefore, withRetries } from './retry.ts';
import { defaultTiming } from './search-deps.ts';

const timing = { ...defaultTiming, pauseMs: 1, pauseMaxMs: 2 };
const busy = (): SyncError => new SyncError('SEARCH_UNAVAILABLE', 'busy');

test('pauses double up to the cap, with jitter between half and all', () => {
  const at = (random: number): number[] =>
    [2, 3, 4, 5, 9, 500].map((attempt) =>
      pauseBefore(attempt, { pauseMs: 1000, pauseMaxMs: 30_000, random: () => random }),
    );
  expect(at(0)).toEqual([500, 1000, 2000, 4000, 15_000, 15_000]);
  expect(at(1)).toEqual([1000, 2000, 4000, 8000, 30_000, 30_000]);
});

test('a busy server is asked again, with the number of the try', async () => {
  const tries: number[] = [];
  const result = await withRetries(3, timing, undefined, async (attempt) => {
    tries.push(attempt);
    if (attempt < 3) throw busy();
    return 'done';
  });
  expect(result).toBe('done');
  expect(tries).toEqual([1, 2, 3]);
});

test('tries are bounded, and the last error is thrown', async () => {
  let tries = 0;
  const work = withRetries(4, timing, undefined, async () => {
    tries += 1;
    throw busy();
  });
  await expect(work).rejects.toMatchObject({ code: 'SEARCH_UNAVAILABLE' });
  expect(tries).toBe(4);
});

test('nothing but SEARCH_UNAVAILABLE is tried again', async () => {
  let tries = 0;
  const work = withRetries(4, timing, undefined, async () => {
    tries += 1;
    throw new SyncError('AUTH_SEARCH', 'no');
  });
  await expect(work).rejects.toMatchObject({ code: 'AUTH_SEARCH' });
  expect(tries).toBe(1);
});

test('an abort ends the pause with its reason', async () => {
  const controller = new AbortController();
  const reason = new SyncError('CANCELLED', 'cancelled');
  const work = withRetries(
    9,
    { ...timing, pauseMs: 60_000, pauseMaxMs: 60_000 },
    controller.signal,
    async () => {
      queueMicrotask(() => controller.abort(reason));
      throw busy();
    },
  );
  await expect(work).rejects.toBe(reason);
});

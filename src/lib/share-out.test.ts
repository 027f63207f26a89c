import { array, assert, asyncProperty, integer, nat } from 'fast-check';
import { expect, test } from 'vitest';
import { shareOut } from './share-out.ts';

const never = new AbortController().signal;

test('each item is worked on once, by one of the workers, each of which has one at a time', async () => {
  await assert(
    asyncProperty(array(nat({ max: 3 })), integer({ min: 1, max: 5 }), async (waits, count) => {
      const done: number[] = [];
      const busy = new Set<number>();
      await shareOut(
        waits.keys(),
        Array.from({ length: count }, (_, worker) => worker),
        async (worker, item) => {
          expect(busy.has(worker)).toBe(false);
          busy.add(worker);
          for (let turn = 0; turn < waits[item]!; turn += 1) await Promise.resolve();
          busy.delete(worker);
          done.push(item);
        },
        never,
      );
      expect(done.toSorted((a, b) => a - b)).toEqual([...waits.keys()]);
    }),
  );
});

test('the first failure stops the others, who are awaited, and is thrown', async () => {
  const events: string[] = [];
  const work = shareOut(
    ['fails', 'waits', 'never begun'],
    [1, 2],
    async (_, item, signal) => {
      events.push(item);
      if (item === 'fails') throw new Error(item);
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      events.push('stopped');
      throw new Error('because of the abort');
    },
    never,
  );
  await expect(work).rejects.toThrow('fails');
  expect(events).toEqual(['fails', 'waits', 'stopped']);
});

test('an abort is thrown with its reason, also when the work took no notice of it', async () => {
  const abort = new AbortController();
  const work = shareOut([1, 2], ['one'], async () => abort.abort(new Error('enough')), abort.signal);
  await expect(work).rejects.toThrow('enough');
});

test('work without workers is an error; nothing to do is none', async () => {
  await expect(shareOut([1], [], async () => {}, never)).rejects.toThrow('nobody');
  await shareOut([], [], async () => {}, never);
});

import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareJobIds, createJobIds } from './job-id.ts';

const kinds = ['export', 'sync', 'verify', 'typesense'] as const;

it('names second, kind, millisecond and chance', () => {
  const newId = createJobIds({ now: () => Date.UTC(2026, 10, 22, 10, 15, 32, 7), random: () => 0.999 });
  expect(newId('sync')).toEqual({
    id: '20261122t101532-sync-07zzzzzzzz',
    createdAt: Date.UTC(2026, 10, 22, 10, 15, 32, 7),
  });
});

it('sorts by the moment of asking, whatever the kind and however the clock jumps', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2090, 0, 1) }),
          fc.constantFrom(...kinds),
        ),
        { minLength: 1, maxLength: 30 },
      ),
      (askings) => {
        let clock = 0;
        const newId = createJobIds({ now: () => clock, random: Math.random });
        const ids = askings.map(([at, kind]) => {
          clock = at;
          return newId(kind).id;
        });
        expect(ids.toSorted(compareJobIds)).toEqual(ids);
        expect(new Set(ids).size).toBe(ids.length);
      },
    ),
  );
});

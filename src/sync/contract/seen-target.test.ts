import { expect, test } from 'vitest';
import { recentlySeen } from './seen-target.ts';
import type { SeenTarget } from './seen-target.ts';

test('what was seen of a target is believed for a minute', () => {
  const seen = { at: 1_000, model: {}, checked: null } as unknown as SeenTarget;
  expect(recentlySeen(seen, 60_999)).toBe(seen);
  expect(recentlySeen(seen, 61_000)).toBeNull();
  // The clock was set back.
  expect(recentlySeen(seen, 999)).toBeNull();
  expect(recentlySeen(undefined, 61_000)).toBeNull();
});

import { inject } from 'vitest';
import type { Need } from './needs.ts';

/** For tests that need more than their suite does: `describe.skipIf(lacks('chromium'))`. */
export function lacks(need: Need): boolean {
  return inject('missing')[need] !== undefined;
}

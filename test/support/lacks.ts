import { inject } from 'vitest';
import type { Need } from './needs.ts';

/** One list for each test file, in the global registry: vitest loads its runner apart from the tests. */
const registry = globalThis as unknown as Record<symbol, Set<Need> | undefined>;
const key = Symbol.for('multiboard-sync test lacks');

/**
 * For tests that need more than their suite does: `describe.skipIf(lacks('chromium'))`. The last lines of the run say
 * what was missing.
 */
export function lacks(need: Need): boolean {
  if (inject('missing')[need] === undefined) return false;
  (registry[key] ??= new Set()).add(need);
  return true;
}

/** What the tests of a file lacked; the next file begins anew. */
export function takeLacked(): readonly Need[] {
  const lacked = [...(registry[key] ?? [])];
  delete registry[key];
  return lacked;
}

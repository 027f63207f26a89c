import { describe, expect, it } from 'vitest';
import { overdue } from './expire-kept.ts';

const now = 1_000_000;
const kept = (...names: readonly string[]) =>
  names.map((name) => ({
    name,
    allowsConnections: false,
    marker: { role: 'kept', jobId: name, live: 'app', at: now, until: now + 1, comment: null } as const,
  }));

function gone(
  databases: ReturnType<typeof kept>,
  bytes: Readonly<Record<string, number | null>>,
  limits: { readonly keepDatabases?: number; readonly keepDatabaseBytes?: number } = {},
): readonly string[] {
  return overdue(databases, {
    bytes: new Map(Object.entries(bytes)),
    live: 'app',
    limits: { keepDatabases: 10, keepDatabaseBytes: 100, keepDatabaseHours: 1, ...limits },
    now,
  }).map(({ name }) => name);
}

describe('kept databases that are over the limits', () => {
  it('are the oldest beyond the size, the newest never', () => {
    expect(gone(kept('c', 'b', 'a'), { a: 40, b: 40, c: 40, app: 40 })).toEqual(['a']);
    expect(gone(kept('b', 'a'), { a: 1, b: 400, app: 1 })).toEqual(['a']);
    expect(gone(kept('b', 'a'), { a: 1, b: 1, app: 1 }, { keepDatabases: 1 })).toEqual(['a']);
  });

  it('count one whose size nobody may ask as large as the live one', () => {
    expect(gone(kept('c', 'b', 'a'), { a: null, b: null, c: null, app: 45 })).toEqual(['a']);
    expect(gone(kept('c', 'b', 'a'), { a: 5, b: null, c: 40, app: 60 })).toEqual(['a']);
    expect(gone(kept('b', 'a'), { a: null, b: null, app: 400 })).toEqual(['a']);
    expect(gone(kept('b'), { b: null, app: 400 })).toEqual([]);
    // A server that tells nothing leaves the limit by number.
    expect(gone(kept('b', 'a'), { a: null, b: null, app: null })).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import type { ObjectKind } from '../model.ts';
import { castsFirst } from './casts-first.ts';

const kinds: Readonly<Record<string, ObjectKind>> = {
  c: 'cast',
  d: 'cast',
  f: 'function',
  g: 'function',
  s: 'schema',
  t: 'table',
  u: 'table',
  v: 'view',
};

function order(edges: Readonly<Record<string, readonly string[]>>, late: readonly string[] = []) {
  const all = new Map(Object.entries(edges).map(([id, needs]) => [id, new Set(needs)]));
  const result = castsFirst(all, (id) => (late.includes(id) ? null : (kinds[id] ?? null)));
  return Object.fromEntries([...result].map(([id, needs]) => [id, [...needs].sort()]));
}

describe('castsFirst', () => {
  it('puts a cast before everything with expressions, but for what it needs', () => {
    expect(order({ c: ['f', 't'], f: ['s'], t: ['s'], u: ['s'], v: ['t'], s: [] })).toEqual({
      c: ['f', 't'],
      f: ['s'],
      t: ['s'],
      u: ['c', 's'],
      v: ['c', 't'],
      s: [],
    });
  });

  it('never lets casts wait for each other in a ring', () => {
    const { f, g } = order({ c: ['f'], d: ['g'], f: [], g: [] });
    expect([f, g]).toEqual([[], ['c']]);
  });

  it('lets nothing before the rows wait for a cast that comes after them', () => {
    expect(order({ c: ['f'], f: [], v: [] }, ['c', 'f'])).toEqual({ c: ['f'], f: [], v: [] });
  });
});

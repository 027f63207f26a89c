import { describe, expect, it } from 'vitest';
import type { TablePolicy } from '../environments/table-policy.ts';
import { unmatchedRules } from './unmatched-rules.ts';

const ends = {
  source: [
    { schema: 'public', name: 'Profile' },
    { schema: 'app', name: 'na.me' },
  ],
  target: [{ schema: 'public', name: 'visits' }],
};
const look = (
  table: string,
  policy: TablePolicy = 'preserve',
): { readonly faults: readonly string[]; readonly notes: readonly string[] } => {
  const { faults, notes } = unmatchedRules([{ table, policy, said: 'file:1' }], ends, null);
  return { faults: faults.map(({ message }) => message), notes };
};
const nothing = { faults: [], notes: [] };

describe('a rule of the configuration file', () => {
  it.each(['Profile', 'public.Profile', 'visits', 'app.*', 'app."na.me"', 'pg_catalog.pg_largeobject'])(
    'that names a table of one end is taken: %s',
    (table) => {
      expect(look(table)).toEqual(nothing);
    },
  );

  it.each([
    ['profile', 'Profile'],
    ['Profle', 'Profile'],
    ['public.profile', 'public.Profile'],
    ['Visits', 'visits'],
  ])('that keeps rows and has a slip in its name stops the run: %s', (table, meant) => {
    const sentence = `file:1: "${table}" (preserve) names no table of either end; did you mean "${meant}"?`;
    expect(look(table)).toEqual({ faults: [sentence], notes: [] });
  });

  it('that names nothing here, or keeps nothing, is told', () => {
    expect(look('Orders')).toEqual({
      faults: [],
      notes: ['file:1: "Orders" (preserve) names no table of either end.'],
    });
    expect(look('profile', 'truncate').notes).toHaveLength(1);
  });

  it('that a preset brings may name what a database lacks', () => {
    expect(unmatchedRules([{ table: 'profile', policy: 'preserve' }], ends, null)).toEqual(nothing);
  });

  it('may name a table by the schema that either end has', () => {
    const names = { source: 'a', target: 'b' };
    const tables = { source: [{ schema: 'a', name: 't' }], target: [] };
    for (const table of ['a.t', 'b.t'])
      expect(unmatchedRules([{ table, policy: 'preserve', said: 'f:1' }], tables, names)).toEqual(nothing);
  });
});

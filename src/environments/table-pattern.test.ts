import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tableName } from '../lib/table-name.ts';
import { tablePattern } from './table-pattern.ts';

const names = fc.string({
  unit: fc.constantFrom('a', 'B', '.', '"', '*', ' ', '\n'),
  minLength: 1,
  maxLength: 4,
});
const tables = fc.record({ schema: names, name: names });

function means(rule: string, table: { readonly schema: string; readonly name: string }): boolean {
  const pattern = tablePattern(rule);
  if (pattern === null) throw new Error(`"${rule}" is no rule`);
  return (pattern.schema?.(table.schema) ?? true) && pattern.name(table.name);
}

describe('a table’s name', () => {
  it('is plain where nothing in it is', () => {
    expect(tableName({ schema: 'public', name: 'Part' })).toBe('public.Part');
    expect(tableName({ schema: 'a', name: 'b.c' })).toBe('a."b.c"');
    expect(tableName({ schema: 'a.b', name: 'c' })).toBe('"a.b".c');
    expect(tableName({ schema: 'a"b', name: '*' })).toBe('"a""b"."*"');
  });

  it('is no other table’s, and a rule that gives it means that table alone', () => {
    fc.assert(
      fc.property(tables, tables, (one, other) => {
        const same = one.schema === other.schema && one.name === other.name;
        expect(tableName(one) === tableName(other)).toBe(same);
        expect(means(tableName(one), one)).toBe(true);
        expect(means(tableName(one), other)).toBe(same);
      }),
    );
  });
});

describe('a rule', () => {
  it.each([
    ['Part', 'public', 'Part', true],
    ['Part', 'other', 'Part', true],
    ['audit.*', 'audit', 'a.b', true],
    ['audit.*', 'audit.x', 'y', false],
    ['*.Part', 'any.where', 'Part', true],
    ['*', 'any.where', 'at.all', true],
    ['"na.me"', 'any', 'na.me', true],
    ['"na*"', 'any', 'name', false],
    ['a."b.c"', 'a.b', 'c', false],
    ['a*c', 'x', 'a\nc', true],
  ])('%s for "%s"."%s": %s', (rule, schema, name, meant) => {
    expect(means(rule, { schema, name })).toBe(meant);
  });

  it.each(['', 'a.b.c', '.', 'a.', '.a', '"a', 'a"b"', '"a"b', 'a.b"c', '"a".b.c', 'a..b'])(
    'is refused where it could mean more than one table or none: %s',
    (rule) => {
      expect(tablePattern(rule)).toBeNull();
    },
  );
});

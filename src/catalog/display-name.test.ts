import { describe, expect, it } from 'vitest';
import { displayName, displayQualified, oneLine } from './display-name.ts';

describe('displayName', () => {
  it.each([
    ['part', 'part'],
    ['Part', '"Part"'],
    ['a b', '"a b"'],
    ['a"b', '"a""b"'],
    ['日本', '"日本"'],
    ['a\nb', String.raw`U&"a\000ab"`],
    ['a\nb\\"', String.raw`U&"a\000ab\\"""`],
    ['', '""'],
  ])('writes %j as %s', (name, shown) => {
    expect(displayName(name)).toBe(shown);
  });

  it('joins schema and name', () => {
    expect(displayQualified('public', 'Part')).toBe('public."Part"');
  });

  it('keeps a description on one line', () => {
    expect(oneLine('a\r\nb')).toBe(String.raw`a\000d\000ab`);
  });
});

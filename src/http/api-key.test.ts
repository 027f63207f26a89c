import { describe, expect, it } from 'vitest';
import { Secret } from '../lib/secret.ts';
import { bearerToken, isKey } from './api-key.ts';

describe('isKey', () => {
  const key = new Secret('correct horse');

  it.each(['', 'correct', 'correct horse ', 'correct horsf'])('refuses %j', (presented) => {
    expect(isKey(key, presented)).toBe(false);
  });

  it('takes the key', () => {
    expect(isKey(key, 'correct horse')).toBe(true);
  });
});

describe('bearerToken', () => {
  it.each([
    ['Bearer abc', 'abc'],
    ['bearer  abc', 'abc'],
    ['Basic abc', null],
    ['Bearer a b', null],
    ['Bearer ', null],
    [undefined, null],
  ])('reads %j as %j', (header, token) => {
    expect(bearerToken(header)).toBe(token);
  });
});

import { describe, expect, it } from 'vitest';
import { Secret } from '../lib/secret.ts';
import { bearerToken, checkApiKey } from './api-key.ts';

const keys = [new Secret('correct horse'), new Secret('battery staple')];

describe('checkApiKey', () => {
  it('takes each of the keys', () => {
    for (const key of keys) checkApiKey(keys, key.reveal());
  });

  it.each([null, '', 'correct', 'correct horse ', 'correct horsf'])(
    'refuses %j without showing the key',
    (presented) => {
      expect(() => {
        checkApiKey(keys, presented);
      }).toThrow(
        expect.objectContaining({
          code: 'AUTH_KEY_MISSING',
          message: expect.not.stringContaining('correct'),
        }),
      );
    },
  );
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

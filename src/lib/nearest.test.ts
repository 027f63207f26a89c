import { describe, expect, it } from 'vitest';
import { didYouMean, nearest } from './nearest.ts';

describe('nearest', () => {
  it.each([
    ['stagin', 'staging'],
    ['prodcution', 'production'],
    ['STAGING', 'staging'],
    ['ezport', 'export'],
    ['imporrt', 'import'],
  ])('%s is close to %s', (typed, expected) => {
    expect(nearest(typed, ['staging', 'production', 'export', 'import'])).toBe(expected);
  });

  it('offers nothing that is far away', () => {
    expect(nearest('banana', ['staging', 'production'])).toBeNull();
    expect(nearest('x', [])).toBeNull();
    expect(didYouMean('banana', ['staging'])).toBe('');
  });

  it('makes a sentence', () => {
    expect(didYouMean('verfiy', ['verify', 'sync'])).toBe(' Did you mean "verify"?');
  });
});

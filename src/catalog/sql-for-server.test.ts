import { describe, expect, it } from 'vitest';
import { sqlForServer } from './sql-for-server.ts';

const text = [
  'SELECT 1',
  ', new -- [>= 15]',
  ', old -- [< 15]',
  ', between -- [>= 15] [< 17]',
  '-- [note]',
].join('\n');

describe('sqlForServer', () => {
  it.each([
    [140_023, 'SELECT 1\n, old -- [< 15]\n-- [note]'],
    [150_018, 'SELECT 1\n, new -- [>= 15]\n, between -- [>= 15] [< 17]\n-- [note]'],
    [180_004, 'SELECT 1\n, new -- [>= 15]\n-- [note]'],
  ])('keeps the lines of server %i', (versionNum, expected) => {
    expect(sqlForServer(text, versionNum)).toBe(expected);
  });
});

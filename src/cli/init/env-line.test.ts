import { assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEnvLines } from '../../config/env-lines.ts';
import { envLine } from './env-line.ts';

describe('a line of .env that is written', () => {
  it('is read as what was given, or is refused', () => {
    assert(
      property(string({ unit: 'binary', minLength: 1, maxLength: 40 }), (value) => {
        let line: string;
        try {
          line = envLine('STAGING_DATABASE_URL', value);
        } catch (error) {
          expect(error).toMatchObject({ code: 'USAGE_INVALID' });
          return;
        }
        expect(readEnvLines(`A=1\n${line}\nB=2\n`)).toMatchObject({
          values: { A: '1', B: '2', STAGING_DATABASE_URL: value },
          faults: [],
        });
      }),
    );
    expect(envLine('A_DATABASE_URL', 'postgresql://u:p%23@h:5432/d?sslmode=require')).toBe(
      'A_DATABASE_URL=postgresql://u:p%23@h:5432/d?sslmode=require',
    );
    expect(envLine('A_DATABASE_URL', 'postgresql://u:p#w d@h/d')).toBe(
      "A_DATABASE_URL='postgresql://u:p#w d@h/d'",
    );
  });
});

import { describe, expect, it } from 'vitest';
import type { VerifyReceipt } from '../sync/contract/receipts.ts';
import { shortOutcome } from './short-outcome.ts';

const receipt = (differingKeys: readonly string[]): VerifyReceipt => ({
  type: 'verify',
  left: 'a',
  right: 'b',
  equal: differingKeys.length === 0,
  tables: [
    {
      table: 'public.Profile',
      equal: differingKeys.length === 0,
      leftRows: 1,
      rightRows: 1,
      leftDigest: '1',
      rightDigest: '2',
      differingKeys,
    },
  ],
  differences: [],
  notCompared: [],
  seconds: 1,
});

describe('what the queue keeps of an outcome', () => {
  it('has no key of a row, and says where they are', () => {
    const short = shortOutcome({ state: 'done', at: 1, receipt: receipt(['(someone@example.org)']) });
    expect(JSON.stringify(short)).not.toContain('someone@example.org');
    expect(short).toMatchObject({
      shortened: true,
      receipt: { equal: false, notCompared: [expect.stringContaining('no keys of rows')] },
    });
  });

  it('is whole where it is small and names none', () => {
    const whole = { state: 'done', at: 1, receipt: receipt([]) } as const;
    expect(shortOutcome(whole)).toBe(whole);
  });
});

import { describe, expect, it } from 'vitest';
import { errorReport } from '../../errors/sync-error.ts';
import { checkTriedDump, untriedBecause, untriedWarnings } from './tried-servers.ts';

describe('servers that this release was never tried on', () => {
  it.each([
    [130_000, '13.0'],
    [130_023, '13.23 (Debian 13.23-1.pgdg12+1)'],
    [180_004, '18.4'],
    [180_000, '18.0 (a build, rc1 of its packager)'],
  ])('%i (%s) is none of them', (versionNum, version) => {
    expect(untriedBecause({ versionNum, version })).toBeNull();
    expect(untriedWarnings({ versionNum, version }, 'It')).toEqual([]);
  });

  it.each([
    [120_022, '12.22', 'PostgreSQL 12;'],
    [129_999, '12.9999', 'PostgreSQL 12;'],
    // Redshift and Greenplum say so of themselves.
    [80_002, '8.0.2', 'PostgreSQL 8.0;'],
    [90_426, '9.4.26', 'PostgreSQL 9.4;'],
    [190_000, '19.0', 'PostgreSQL 19;'],
    [200_001, '20.1', 'PostgreSQL 20;'],
    [180_000, '18beta2', 'PostgreSQL 18beta2, which was not released yet'],
    [180_000, '18rc1 (Debian 18~rc1-1)', 'PostgreSQL 18rc1, which was not released yet'],
    [170_000, '17devel', 'PostgreSQL 17devel, which was not released yet'],
    [190_000, '19devel', 'PostgreSQL 19;'],
  ])('%i (%s) is one', (versionNum, version, words) => {
    expect(untriedBecause({ versionNum, version })).toContain(words);
    expect(untriedWarnings({ versionNum, version }, 'It').join()).toContain(words);
  });

  it('holds for the server that a dump was taken from', () => {
    const server = { versionNum: 190_001, version: '19.1' };
    const refused = (): unknown => {
      try {
        checkTriedDump(server, false);
      } catch (error) {
        return errorReport(error);
      }
      throw new Error('not refused');
    };
    expect(refused()).toMatchObject({
      code: 'SOURCE_SERVER_UNTRIED',
      hint: expect.stringContaining('--untried-servers') as string,
    });
    expect(() => checkTriedDump(server, true)).not.toThrow();
  });
});

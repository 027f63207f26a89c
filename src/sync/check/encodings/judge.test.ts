import { describe, expect, it } from 'vitest';
import { judgeEncodings } from './judge.ts';
import type { EncodingFacts } from './judge.ts';

const facts = (encoding: string, more: Partial<EncodingFacts> = {}): EncodingFacts => ({
  encoding,
  collation: 'C',
  characterType: 'C',
  localeProvider: 'libc',
  locale: null,
  ...more,
});
const names = { source: 'src', target: 'dst' };
const judged = (from: EncodingFacts, to: EncodingFacts): ReturnType<typeof judgeEncodings> =>
  judgeEncodings(from, to, names);

describe('encodings of two ends', () => {
  it.each([
    ['UTF8', 'UTF8', null],
    ['LATIN1', 'UTF8', null],
    ['LATIN9', 'LATIN9', null],
    ['UTF8', 'SQL_ASCII', null],
    ['UTF8', 'LATIN1', 'LATIN1'],
    ['LATIN1', 'LATIN9', 'LATIN9'],
    ['UTF8', 'WIN1252', 'WIN1252'],
    ['SQL_ASCII', 'UTF8', 'UTF8'],
    ['SQL_ASCII', 'SQL_ASCII', 'UTF8'],
    ['SQL_ASCII', 'KOI8R', 'KOI8R'],
  ])('%s to %s: what must fit %s', (from, to, mustFit) => {
    expect(judged(facts(from), facts(to)).mustFit).toBe(mustFit);
  });

  it('are told where a run may stop in the middle, or texts mean something else', () => {
    expect(judged(facts('UTF8'), facts('SQL_ASCII')).warnings.join()).toContain('as UTF-8 bytes');
    expect(judged(facts('EUC_JP'), facts('UTF8')).warnings.join()).toContain('"src" is EUC_JP');
    expect(judged(facts('UTF8'), facts('EUC_KR')).warnings.join()).toContain('"dst" is EUC_KR');
    expect(judged(facts('LATIN1'), facts('UTF8')).warnings).toEqual([]);
  });
});

describe('locales of two ends', () => {
  const english = { collation: 'en_US.UTF-8', characterType: 'en_US.UTF-8' };
  it.each([
    [english, { collation: 'en_US.utf8', characterType: 'en_US.utf8' }],
    [{}, { collation: 'POSIX', characterType: 'POSIX' }],
    [
      { ...english, localeProvider: 'icu', locale: 'de-DE' },
      { localeProvider: 'icu', locale: 'de-DE' },
    ],
  ])('spelled in two ways are one: %j and %j', (here, there) => {
    expect(judged(facts('UTF8', here), facts('UTF8', there)).warnings).toEqual([]);
  });

  it.each([
    [english, {}, 'by libc "en_US.UTF-8" in "src", by libc "C" in "dst"'],
    [english, { ...english, characterType: 'C' }, 'by libc "en_US.UTF-8" and "C" in "dst"'],
    [english, { ...english, localeProvider: 'icu', locale: 'en-US' }, 'by icu "en-US" in "dst"'],
    [{ localeProvider: 'builtin', locale: 'C.UTF-8' }, {}, 'by builtin "C.UTF-8" in "src"'],
  ])('of another order are told: %j and %j', (here, there, words) => {
    expect(judged(facts('UTF8', here), facts('UTF8', there)).warnings.join()).toContain(words);
  });
});

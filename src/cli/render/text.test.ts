import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fit, jsonLine, painter, safe, table, widthOf } from './text.ts';

describe('text', () => {
  it('cuts and pads to exactly the columns asked for', () => {
    expect(fit('abc', 5)).toBe('abc  ');
    expect(fit('abc', 5, 'right')).toBe('  abc');
    expect(fit('abcdef', 4)).toBe('abc…');
    expect(fit('部品部品', 4)).toBe('部… ');
    expect(fit('abc', 0)).toBe('');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 30 }), (text, columns) => {
        expect(widthOf(fit(safe(text), columns))).toBe(columns);
      }),
    );
  });

  it('lets no name move the cursor or turn the line around', () => {
    expect(safe('a\u001B[2Jb\rc\nd\u202Ee\u0007')).toBe('a\uFFFD[2Jb\uFFFDc\uFFFDd\uFFFDe\uFFFD');
  });

  it('is JSON that no terminal obeys, and means the same', () => {
    const name = 'a\u001B[2J\u009B2Jb\u202Ec\u{E0001}é😀\n';
    const line = jsonLine({ name });
    expect(line).toBe(String.raw`{"name":"a\u001b[2J\u009b2Jb\u202ec\udb40\udc01é😀\n"}`);
    expect(JSON.parse(line)).toEqual({ name });
  });

  it('lines tables up', () => {
    expect(
      table(
        [{ title: 'Table' }, { title: 'Rows', side: 'right' }],
        [
          ['public.Part', '5,000'],
          ['部品', '1'],
        ],
        painter(false),
      ),
    ).toEqual(['Table         Rows', 'public.Part  5,000', '部品             1']);
  });
});

import { readFileSync } from 'node:fs';

export interface ObjectsRow {
  readonly kind: string;
  /** Name of the fixture that has it first of all: a file of test/one-of-everything. */
  readonly fixture: string;
  /** Majors on which it is tested. */
  readonly majors: readonly number[];
}

const majors = [13, 14, 15, 16, 17, 18];

/** The table of docs/objects.md: `| kind | pg_dump’s name | fixture | 13 | … | 18 |`. */
export function objectsTable(): readonly ObjectsRow[] {
  const text = readFileSync(new URL('../../docs/objects.md', import.meta.url), 'utf8');
  return text
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter((cells) => cells.length === 11 && /^`.+`$/.test(cells[3] ?? ''))
    .map(([, kind = '', , fixture = '', ...ticks]) => ({
      kind,
      fixture: fixture.replaceAll('`', ''),
      majors: majors.filter((_, index) => ticks[index] === '✓'),
    }));
}

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorCatalogue } from '../../src/errors/catalogue.ts';
import type { ErrorCode } from '../../src/errors/catalogue.ts';
import { exitCodes, httpStatuses } from '../../src/errors/outcome.ts';
import { httpStatus } from '../../src/http/status.ts';

const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
const codes = Object.keys(errorCatalogue) as ErrorCode[];

/** Cells of each table row whose first cell is a code, with the heading it stands under. */
const rows = page.split(/^## /m).flatMap((section) =>
  section
    .split('\n')
    .filter((line) => /^\| `[A-Z_]+` \|/.test(line))
    .map((line) => {
      const [, code, status, again, meaning, remedy] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
      return {
        section: section.split('\n', 1)[0]!,
        code: code!.slice(1, -1),
        status,
        again,
        meaning,
        remedy: remedy?.replaceAll(/\\([|<])/g, '$1'),
      };
    }),
);

/** Heading and exit code by HTTP status and exit code, from the table at the top. */
const categories = [...page.matchAll(/^\| \[([A-Za-z]+)\]\(#[a-z]+\) \| (\d+) \| (\d+) \|$/gm)].map(
  ([, heading, exitCode, status]) => ({ heading, exitCode: Number(exitCode), status: Number(status) }),
);

describe('docs/errors.md', () => {
  it('lists every code of the catalogue, once, and no other', () => {
    expect(rows.map(({ code }) => code).toSorted()).toEqual(codes.toSorted());
  });

  it('lists every category with its exit code and its HTTP status', () => {
    const pairs = (list: readonly { exitCode: number; status: number }[]): string[] =>
      list.map(({ exitCode, status }) => `${exitCode} ${status}`).toSorted();
    const actual = Object.entries(exitCodes).map(([category, exitCode]) => ({
      exitCode,
      status: httpStatuses[category as keyof typeof httpStatuses],
    }));
    expect(pairs(categories)).toEqual(pairs(actual));
  });

  it.each(codes)('says of %s where it belongs and what to do', (code) => {
    const { category, retry, hint } = errorCatalogue[code];
    const row = rows.find((candidate) => candidate.code === code);
    const heading = categories.find(({ exitCode }) => exitCode === exitCodes[category])?.heading;
    expect(row).toMatchObject({
      section: heading,
      status: String(httpStatus(code)),
      again: retry === 'again' ? 'yes' : 'no',
      remedy: hint,
    });
    expect(row?.meaning).toMatch(/^.{10,}\.$/);
  });
});

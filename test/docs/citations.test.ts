import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { anchorsOf, commentsOf, filesOf, headingsOf, inlineCodeOf, root } from './texts.ts';

const files = filesOf();
const sources = files.filter((file) => /\.(?:ts|[cm]?js|sql|html|css|ya?ml)$|Dockerfile$|\.ci\//.test(file));
const pages = files.filter((file) => file.endsWith('.md'));
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');

/** True where a file of the repository is called so, or its path ends so. */
const isThere = (path: string): boolean =>
  files.some((file) => file === path || file.endsWith(`/${path.replace(/^(?:\.{1,2}\/)+/, '')}`));

/** Every page that a text names, with what is cited of it: a heading's anchor, or the number before its words. */
const citationsIn = (text: string) =>
  [...text.matchAll(/(?<![\w./-])((?:[\w-]+\/)*[\w-]+\.md)\b(?:#([\p{L}\p{N}_-]+)| §(\d+))?/gu)].map(
    ([cited, page, anchor, number]) => ({ cited, page: page!, anchor, number }),
  );

function isGood({ page, anchor, number }: ReturnType<typeof citationsIn>[number]): boolean {
  if (!isThere(page)) return false;
  if (anchor === undefined && number === undefined) return true;
  const text = textOf(files.find((file) => file === page || file.endsWith(`/${page}`))!);
  if (anchor !== undefined) return anchorsOf(text).includes(anchor);
  return headingsOf(text).some((heading) => heading.startsWith(`${number}. `));
}

const brokenCitations = (comment: string): string[] => [
  ...citationsIn(comment).flatMap((citation) => (isGood(citation) ? [] : [citation.cited])),
  // Facts or a section without a page; a decision that is not written down.
  ...[...comment.matchAll(/\(facts:? [^)]*/gi)].map(([cited]) => cited),
  ...[...comment.matchAll(/.{0,30}§.{0,10}/g)]
    .map(([around]) => around)
    .filter((around) => !/\.md §\d/.test(around)),
  ...[...comment.matchAll(/\bADR (\d+)/g)]
    .filter(([, number]) => !files.some((file) => file.startsWith(`docs/adr/${number!.padStart(4, '0')}-`)))
    .map(([cited]) => cited),
];

const brokenPaths = (text: string): string[] =>
  [...text.matchAll(/(?<![\w./*{}$<>-])(?:[\w-]+\/)+[\w.-]+\.(?:ts|mjs|sql)\b/g)]
    .map(([path]) => path)
    .filter((path) => !isThere(path));

describe('what a comment cites', () => {
  it('is found wrong where it is wrong', () => {
    expect(brokenCitations('as docs/gotchas.md#postgresql and ADR 1 say, docs/operations.md §10')).toEqual(
      [],
    );
    for (const wrong of [
      '§3.5',
      'facts: of others',
      'design.md',
      'docs/gotchas.md#nothing',
      'docs/operations.md §99',
      'ADR 9999',
    ])
      expect(brokenCitations(`(${wrong})`)).toHaveLength(1);
    expect(brokenPaths('`sync/verbs/run-job.ts`, `no/such.ts`')).toEqual(['no/such.ts']);
  });

  it('is in the repository', () => {
    const broken = sources.flatMap((file) =>
      commentsOf(file, textOf(file)).flatMap((comment) =>
        [...brokenCitations(comment), ...brokenPaths(comment)].map((cited) => `${file}: ${cited}`),
      ),
    );
    expect(broken).toEqual([]);
  });

  it.each(pages)('%s names files that exist', (page) => {
    expect(inlineCodeOf(textOf(page)).flatMap((code) => brokenPaths(code))).toEqual([]);
  });
});

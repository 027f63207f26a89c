import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesOf, root } from './texts.ts';

/** The formatter breaks code and leaves prose alone. Statements, tables and what tests expect may be wider. */
const columnsMax = 120;

const isComment = (line: string): boolean => /^\s*(?:\/\/|\/?\*|--|<!--|# )/.test(line);
const isTable = (line: string): boolean => /^\s*(?:\* )?\|/.test(line);

/** What stands in the literals of a line, without what is put into them. */
function literalsOf(line: string): string {
  let inside = line;
  for (let before = ''; before !== inside;) {
    before = inside;
    inside = inside.replaceAll(/\$\{[^{}]*\}/g, '');
  }
  return [...inside.matchAll(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`/g)].join(' ');
}

/** A sentence for people: several words of small letters, and no statement. */
function isMessage(line: string): boolean {
  const text = literalsOf(line);
  return (
    (text.match(/(?<!\S)['"`(]*[a-z’]{2,}/g) ?? []).length >= 7 &&
    !/\b(?:SELECT|FROM|WHERE|JOIN|CASE)\b/.test(text)
  );
}

function wideProse(file: string, text: string): string[] {
  let isCode = false;
  const found: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.startsWith('```')) isCode = !isCode;
    const isProse = file.endsWith('.md')
      ? !isCode && !isTable(line)
      : isComment(line)
        ? !isTable(line)
        : /^(?:src|web)\/(?!.*\.test\.ts$).*\.[tj]s$/.test(file) && isMessage(line);
    if (isProse && line.length > columnsMax) found.push(`${file}:${index + 1}`);
  }
  return found;
}

describe(`prose within ${columnsMax} columns`, () => {
  it('is told from code', () => {
    const words = 'word '.repeat(30);
    expect(wideProse('docs/a.md', `${words}\n| ${words} |\n\`\`\`\n${words}\n\`\`\`\n`)).toEqual([
      'docs/a.md:1',
    ]);
    expect(wideProse('test/a.ts', `  // ${words}\n * ${words}\n call('${words}');\n`)).toHaveLength(2);
    expect(wideProse('src/a.ts', `call('${words}');\nquery('SELECT ${words}');\n`)).toEqual(['src/a.ts:1']);
  });

  it('is all there is', () => {
    // The change log is written by its own rules.
    const files = filesOf().filter(
      (file) =>
        /\.(?:ts|[cm]?js|sql|md|css|html|ya?ml)$/.test(file) &&
        file !== 'CHANGELOG.md' &&
        file !== 'package-lock.json',
    );
    expect(files.flatMap((file) => wideProse(file, readFileSync(join(root, file), 'utf8')))).toEqual([]);
  });
});

import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

const folders = ['src', 'test', 'scripts', 'web', 'docs', 'deploy', '.ci'];

/** Every file that people read, from the repository's root, with forward slashes. */
export function filesOf(): readonly string[] {
  const below = (folder: string, recursive: boolean): string[] =>
    readdirSync(join(root, folder), { recursive, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll(sep, '/'));
  return [...below('.', false), ...folders.flatMap((folder) => below(folder, true))].toSorted();
}

export const withoutCodeBlocks = (text: string): string => text.replaceAll(/^```.*?^```/gms, '');

export const inlineCodeOf = (text: string): string[] =>
  [...withoutCodeBlocks(text).matchAll(/`([^`\n]*)`/g)].map(([, code]) => code!);

export const headingsOf = (text: string): string[] =>
  [...withoutCodeBlocks(text).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading!);

/** GitHub's anchors of the headings. */
export const anchorsOf = (text: string): string[] =>
  headingsOf(text).map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );

const commentShapes: readonly (readonly [RegExp, RegExp])[] = [
  [/\.(?:ts|[cm]?js)$/, /\/\*.*?\*\/|(?:^|\s)\/\/[^\n]*/gs],
  [/\.css$/, /\/\*.*?\*\//gs],
  [/\.html$/, /<!--.*?-->/gs],
  [/\.sql$/, /--[^\n]*/g],
  [/./, /(?:^|\s)#[^\n]*/g],
];

/** A file's comments; a string that looks like one counts too. */
export function commentsOf(file: string, text: string): string[] {
  const [, shape] = commentShapes.find(([name]) => name.test(file))!;
  return [...text.matchAll(shape)].map(([comment]) => comment);
}

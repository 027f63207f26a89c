import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/**
 * What a function is given, `(deps, input, options)`, has at most ten fields, those it inherits included. More need a
 * reason, written in the type's own comment behind `More than ten fields: `. (Functions of more than 80 lines are the
 * linter's.)
 */
const fieldsMax = 10;
const givenToFunctions = /(Deps|Input|Options|Context|Definition)$/;
const reason = /More than ten fields: \S/;

/** Not yet divided: this list only gets shorter. */
const stillLarge: readonly string[] = [];

interface Declared {
  readonly place: string;
  readonly name: string;
  readonly comment: string;
  readonly parents: string;
  readonly own: readonly string[];
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const files = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
  .filter(({ name }) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));

/** The formatter's own layout is what these read: declarations at the margin, fields two spaces in. */
const comment = String.raw`(?<comment>\/\*\*(?:(?!\*\/)[^])*\*\/\n)?`;
const head = String.raw`(?:interface (?<interface>\w+)|type (?<type>\w+)(?:<[^]*?>)? =(?: [^;{]*?&)?)`;
const declaration = new RegExp(
  String.raw`^${comment}(?:export )?${head}(?<parents>[^{;]*)\{\n(?<body>[^]*?)^\}`,
  'gm',
);

function declaredIn(file: string): Declared[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(declaration)].map(({ groups = {} }) => ({
    place: `${file} ${groups['interface'] ?? groups['type'] ?? ''}`,
    name: groups['interface'] ?? groups['type'] ?? '',
    comment: (groups['comment'] ?? '').replaceAll(/\s*\n \*\s*/g, ' '),
    parents: groups['parents'] ?? '',
    own: [...(groups['body'] ?? '').matchAll(/^ {2}(?:readonly )?(\w+)\??[:(<]/gm)].map(
      ([, field]) => field!,
    ),
  }));
}

const declared = files.flatMap(declaredIn);

function fieldsOf({ own, parents }: Declared): ReadonlySet<string> {
  const fields = new Set(own);
  const names = (text: string): string[] => [...text.matchAll(/'(\w+)'/g)].map(([, name]) => name!);
  for (const [, picked, omitted, but = '', whole] of parents.matchAll(
    /Pick<\w+,([^>]*)>|Omit<(\w+),([^>]*)>|\b([A-Z]\w+)/g,
  )) {
    for (const name of names(picked ?? '')) fields.add(name);
    const parent = declared.find(({ name }) => name === (omitted ?? whole));
    for (const name of parent === undefined ? [] : fieldsOf(parent))
      if (!names(but).includes(name)) fields.add(name);
  }
  return fields;
}

const large = declared.filter((each) => givenToFunctions.test(each.name) && fieldsOf(each).size > fieldsMax);

describe('what functions are given', () => {
  it('is read as it is written', () => {
    const named = (name: string): Declared => declared.find((each) => each.name === name)!;
    expect([...fieldsOf(named('ActiveRunDeps'))].toSorted()).toEqual([
      'look',
      'now',
      'onGone',
      'onTrouble',
      'retryMs',
      'run',
      'timeoutMinutes',
      'timing',
      'writeLine',
      'writeStatus',
    ]);
    expect(named('WorkerDeps').own).toContain('heldLocksDirectory');
  });

  it('has at most ten fields, or says why it has more', () => {
    const unexplained = large.filter(({ comment }) => !reason.test(comment)).map(({ place }) => place);
    expect(unexplained.toSorted()).toEqual(stillLarge.toSorted());
  });
});

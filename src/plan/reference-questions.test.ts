import { expect, test } from 'vitest';
import type { CatalogTable } from '../catalog/model.ts';
import type { ManifestTable } from '../dump/manifest.ts';
import type { ImportPlan } from './import-plan.ts';
import { referenceQuestions } from './reference-questions.ts';
import type { RunnableObject } from './runnable-object.ts';

const object = (
  fields: Partial<RunnableObject> & Pick<RunnableObject, 'id' | 'kind' | 'name'>,
): RunnableObject => ({
  schema: 'public',
  identity: `${fields.kind} ${fields.name}`,
  section: 'pre-data',
  sql: '',
  dependsOn: [],
  partOf: null,
  locks: [],
  roles: [],
  tablespaces: [],
  minServerMajor: 0,
  superuser: false,
  facts: {},
  ...fields,
});

const table = (name: string, columns = ['id', 'other']): ManifestTable & CatalogTable => ({
  id: `table:${name}`,
  schema: 'public',
  name,
  columns: columns.map((column) => ({
    name: column,
    type: 'integer',
    notNull: false,
    generated: false,
    hasDefault: false,
  })),
  keyColumns: ['id'],
  content: 'rows',
  rows: 0,
  rawBytes: 0,
  digest: null,
  loadThrough: null,
  searchPath: [],
  extensionConfig: false,
  condition: null,
  rowsEstimated: 0,
  bytes: 0,
});

const key = (from: string, to: string, referenced = 'id'): RunnableObject =>
  object({
    id: `foreign key:${from}`,
    kind: 'foreign key',
    name: from,
    reference: {
      table: `table:${from}`,
      referenced: `table:${to}`,
      columns: [{ name: 'other', referenced, type: 'integer', equals: { schema: 'pg_catalog', name: '=' } }],
      full: false,
    },
  });

const whole = (name: string): RunnableObject => object({ id: `table:${name}`, kind: 'table', name });

interface Rows {
  readonly load?: readonly ManifestTable[];
  readonly keep?: ImportPlan['keep'];
  readonly empty?: readonly ManifestTable[];
}

const kept = (name: string, columns?: readonly string[]): ImportPlan['keep'][number] => ({
  table: table(name),
  live: table(name, columns === undefined ? undefined : [...columns]),
});

function questionsOf(
  objects: readonly RunnableObject[],
  rows: Rows,
  there: readonly RunnableObject[] = [],
): ReturnType<typeof referenceQuestions> {
  const plan = { objects, fromTarget: new Set(), load: [], keep: [], empty: [], names: null, ...rows };
  return referenceQuestions(
    plan as unknown as ImportPlan,
    { objects: there } as unknown as Parameters<typeof referenceQuestions>[1],
  );
}

const unasked = (objects: readonly RunnableObject[], rows: Rows): readonly string[] =>
  questionsOf(objects, rows).unasked;

function asked(objects: readonly RunnableObject[], rows: Rows, there: readonly RunnableObject[] = []) {
  return questionsOf(objects, rows, there).questions.map(({ foreignKey, from, to, tellsKeys }) => ({
    foreignKey,
    from: from.map(({ end, name }) => `${end} ${name}`),
    to: to.map(({ end, name }) => `${end} ${name}`),
    tellsKeys,
  }));
}

const [a, b] = [whole('a'), whole('b')];

test('rows of one end that the key holds for already are not asked', () => {
  const objects = [a, b, key('a', 'b')];
  expect(asked(objects, { load: [table('a'), table('b')] })).toEqual([]);
  expect(asked(objects, { keep: [kept('a'), kept('b')] }, objects)).toEqual([]);
  expect(asked(objects, { keep: [kept('a'), kept('b')] })).toMatchObject([
    { from: ['target a'], to: ['target b'] },
  ]);
});

test('rows of two ends are asked, and rows that refer to a table without any', () => {
  const objects = [a, b, key('a', 'b')];
  expect(asked(objects, { keep: [kept('a')], load: [table('b')] })).toMatchObject([
    { from: ['target a'], to: ['source b'] },
  ]);
  expect(asked(objects, { load: [table('a')], keep: [kept('b')] })).toMatchObject([
    { from: ['source a'], to: ['target b'] },
  ]);
  expect(asked(objects, { load: [table('a')], empty: [table('b')] })).toMatchObject([
    { from: ['source a'], to: [] },
  ]);
  expect(asked(objects, { empty: [table('a')], load: [table('b')] })).toEqual([]);
});

test('a key to itself is the end’s own', () => {
  expect(asked([a, key('a', 'a')], { load: [table('a')] })).toEqual([]);
});

test('keys are told of primary keys alone', () => {
  const rows = { keep: [kept('a')], load: [table('b')] };
  expect(asked([a, b, key('a', 'b')], rows)).toMatchObject([{ tellsKeys: true }]);
  expect(asked([a, b, key('a', 'b', 'other')], rows)).toMatchObject([{ tellsKeys: false }]);
});

test('a column that the rows do not have yet, and rows that an extension chooses, are not asked', () => {
  const objects = [a, b, key('a', 'b')];
  expect(asked(objects, { keep: [kept('a', ['id'])], load: [table('b')] })).toEqual([]);
  expect(asked(objects, { load: [table('a')], keep: [kept('b', ['other'])] })).toEqual([]);
  const some = { ...table('b'), condition: 'WHERE id > 1' };
  expect(asked(objects, { keep: [kept('a')], load: [some] })).toEqual([]);
  expect(asked([a, { ...b, partOf: 'extension:1' }, key('a', 'b')], { keep: [kept('a')] })).toEqual([]);
});

test('what is not asked is said by name, where the rows come from two ends', () => {
  const objects = [a, b, key('a', 'b')];
  const some = { ...table('b'), condition: 'WHERE id > 1' };
  expect(unasked(objects, { keep: [kept('a')], load: [some] })).toEqual([
    'Whether rows find the rows they refer to is not asked beforehand (only some rows of a table of an extension ' +
      'count), and shows when the key is made: foreign key a.',
  ]);
  expect(unasked(objects, { load: [table('a'), some] })).toEqual([]);
  expect(unasked(objects, { load: [table('a')], keep: [kept('b', ['other'])] })).toEqual([
    expect.stringContaining('lack a column of it'),
  ]);
  const ofExtension = [a, { ...b, partOf: 'extension:1' }, key('a', 'b')];
  expect(unasked(ofExtension, { keep: [kept('a')] })).toEqual([expect.stringContaining('makes rows')]);
  expect(unasked(objects, { keep: [kept('a')], load: [table('b')] })).toEqual([]);
});

test('a PERIOD is asked where one end has all rows that may cover it', () => {
  const over = key('a', 'b');
  const objects = [a, b, { ...over, reference: { ...over.reference!, period: true as const } }];
  expect(asked(objects, { keep: [kept('a')], load: [table('b')] })).toMatchObject([
    { from: ['target a'], to: ['source b'] },
  ]);
  const [low, high] = [whole('low'), whole('high')];
  const attach = [low, high].map(({ id, name }) =>
    object({ id: `attach:${name}`, kind: 'partition attach', name, partOf: id, dependsOn: [id, b.id] }),
  );
  const split = { load: [table('a'), table('low')], keep: [kept('high')] };
  expect(asked([...objects, low, high, ...attach], split)).toEqual([]);
  expect(unasked([...objects, low, high, ...attach], split)).toEqual([
    expect.stringContaining('by rows of both databases together'),
  ]);
});

test('partitions are asked where their rows are', () => {
  const low = whole('low');
  const high = whole('high');
  const attach = (name: string): RunnableObject =>
    object({
      id: `attach:${name}`,
      kind: 'partition attach',
      name,
      partOf: `table:${name}`,
      dependsOn: [`table:${name}`, 'table:b'],
    });
  const objects = [a, b, low, high, attach('low'), attach('high'), key('a', 'b')];
  expect(asked(objects, { load: [table('a'), table('low')], keep: [kept('high')] })).toMatchObject([
    { from: ['source a'], to: ['source low', 'target high'] },
  ]);
});

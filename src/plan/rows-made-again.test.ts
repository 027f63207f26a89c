import { expect, test } from 'vitest';
import type { ManifestTable } from '../dump/manifest.ts';
import type { RunnableObject } from './runnable-object.ts';
import { rowsToCompare, rowsToTry } from './rows-made-again.ts';

const object = (
  kind: string,
  name: string,
  needs: readonly string[] = [],
  partOf: string | null = null,
): RunnableObject => ({
  id: name,
  kind,
  schema: 'public',
  name,
  identity: `${kind} ${name}`,
  section: 'pre-data',
  sql: '',
  dependsOn: [...needs],
  partOf,
  locks: [],
  roles: [],
  tablespaces: [],
  minServerMajor: 0,
  superuser: false,
  facts: {},
});

const table = (id: string, rawBytes: number, type = 'integer'): ManifestTable => ({
  id,
  schema: 'public',
  name: id,
  columns: [{ name: 'v', type, notNull: false, generated: false, hasDefault: false }],
  keyColumns: [],
  content: 'rows',
  rows: 1,
  rawBytes,
  digest: null,
  loadThrough: null,
  extensionConfig: false,
  condition: null,
});

const objects = [
  object('function', 'f'),
  object('domain', 'd', ['f']),
  object('table', 'plain'),
  object('table', 'of_domain', ['d']),
  object('table', 'parent'),
  object('partition attach', 'attach', ['part', 'parent'], 'part'),
  object('table', 'part'),
  object('table', 'child', ['parent']),
  object('table', 'triggered'),
  object('index', 'i', ['parent', 'f'], 'parent'),
  object('trigger', 't', ['triggered', 'f'], 'triggered'),
  object('foreign key', 'k', ['plain', 'of_domain'], 'plain'),
  object('table', 'names'),
];
const load = [
  ...['plain', 'of_domain', 'part', 'child', 'triggered'].map((id) => table(id, 10)),
  table('names', 10, 'regclass[]'),
];

/** What stays in the target. */
const there = [
  { id: 'function:16400', kind: 'function' },
  { id: 'schema:16401', kind: 'schema' },
];

test('few rows are all tried', () => {
  expect(rowsToTry({ objects, load, there }, 60)).toEqual({ tables: load, all: true });
});

test('of many those that meet a function of users, by a domain, an index above them, or name objects', () => {
  const { tables, all } = rowsToTry({ objects, load, there }, 59);
  expect(all).toBe(false);
  expect(tables.map(({ id }) => id)).toEqual(['of_domain', 'part', 'child', 'names']);
});

/** What is compared of a database with these objects and tables. */
const compared = (more: readonly RunnableObject[], ...tables: readonly ManifestTable[]): readonly string[] =>
  rowsToCompare({ objects: more, load: tables, there }).map(({ id }) => id);

test('compared are rows that meet what users or extensions can change, and those that name objects', () => {
  const more = [...objects, object('extension', 'citext'), object('table', 'folded', ['citext'])];
  expect(compared(more, ...load, table('folded', 10))).toEqual([
    'of_domain',
    'part',
    'child',
    'names',
    'folded',
  ]);
});

test('generated columns are always compared: nothing says what their expression asks', () => {
  const made = table('made', 10);
  const columns = made.columns.map((column) => ({ ...column, generated: true }));
  const all = [object('table', 'made'), object('table', 'plain')];
  expect(compared(all, { ...made, columns }, table('plain', 10))).toEqual(['made']);
  expect(
    rowsToTry({ objects: all, load: [{ ...made, columns }, table('plain', 10)], there }, 0).tables,
  ).toHaveLength(1);
});

test.each([
  'text search dictionary',
  'text search configuration',
  'collation',
  'cast',
  'operator class',
  'transform',
  'extension',
])('%s: what needs one is compared and tried, by a type as well', (kind) => {
  const all = [
    object(kind, 'x'),
    object('domain', 'd', ['x']),
    object('table', 't', ['d']),
    object('table', 'plain'),
  ];
  const rows = [table('t', 10), table('plain', 10)];
  expect(compared(all, ...rows)).toEqual(['t']);
  expect(rowsToTry({ objects: all, load: rows, there }, 0).tables.map(({ id }) => id)).toEqual(['t']);
});

test('what lies outside the schemas of a run, or stays in the target, may be anything', () => {
  const needs = [{ kind: 'extension', identity: 'extension citext', schema: 'extensions' }];
  const all = [
    { ...object('table', 'by_need'), needs },
    { ...object('domain', 'd'), needs },
    object('table', 'by_type', ['d']),
    object('table', 'keyed'),
    { ...object('index', 'i', ['keyed'], 'keyed'), needs },
    object('table', 'of_staying', ['function:16400']),
    object('table', 'in_schema', ['schema:16401']),
    object('table', 'referring'),
    { ...object('foreign key', 'k', ['referring'], 'referring'), needs },
  ];
  const names = ['by_need', 'by_type', 'keyed', 'of_staying', 'in_schema', 'referring'];
  expect(compared(all, ...names.map((name) => table(name, 10)))).toEqual(names.slice(0, 4));
});

test('names of objects inside of types, rows of extensions, and rows with a search path are compared', () => {
  const all = [
    { ...object('domain', 'd'), sql: 'CREATE DOMAIN public.d AS regclass;' },
    { ...object('domain', 'e'), sql: 'CREATE DOMAIN public.e AS public.regular;' },
    { ...object('composite type', 'c'), sql: 'CREATE TYPE public.c AS (\n  r regproc[]\n);' },
    object('table', 'of_d', ['d']),
    object('table', 'of_e', ['e']),
    object('table', 'of_c', ['c']),
  ];
  const rows = [
    ...['of_d', 'of_e', 'of_c'].map((id) => table(id, 10)),
    table('granted', 10, 'aclitem[]'),
    { ...table('spatial_ref_sys', 10), extensionConfig: true },
    { ...table('searching', 10), searchPath: ['public'] },
  ];
  expect(compared(all, ...rows)).toEqual(['of_d', 'of_c', 'granted', 'spatial_ref_sys', 'searching']);
});

test('partitions that are loaded through one root are compared together', () => {
  const all = [object('function', 'f'), object('table', 'a'), object('index', 'i', ['a', 'f'], 'a')];
  const loadThrough = { schema: 'public', name: 'root' };
  expect(
    compared(all, { ...table('a', 10), loadThrough }, { ...table('b', 10), loadThrough }, table('c', 10)),
  ).toEqual(['a', 'b']);
});

test('checks do not change a row, but it may fail them today: of many rows those with checks are tried', () => {
  const check = ' CHECK ((v > now()))';
  const all = [
    { ...object('domain', 'd'), sql: `CREATE DOMAIN public.d AS timestamptz\n  CONSTRAINT c${check};` },
    object('table', 'of_domain', ['d']),
    {
      ...object('table', 'own'),
      sql: `CREATE TABLE public.own (\n  v timestamptz,\n  CONSTRAINT c${check}\n);`,
    },
    object('table', 'separate'),
    { ...object('check constraint', 'c', ['separate'], 'separate'), sql: `ADD CONSTRAINT c${check};` },
    object('table', 'unproved'),
    {
      ...object('check constraint', 'u', ['unproved'], 'unproved'),
      sql: `ADD CONSTRAINT u${check} NOT VALID;`,
    },
  ];
  const rows = ['of_domain', 'own', 'separate', 'unproved'].map((id) => table(id, 10));
  expect(compared(all, ...rows)).toEqual([]);
  expect(rowsToTry({ objects: all, load: rows, there }, 0).tables.map(({ id }) => id)).toEqual([
    'of_domain',
    'own',
    'separate',
  ]);
});

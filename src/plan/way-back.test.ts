import { expect, test } from 'vitest';
import type { ManifestTable } from '../dump/manifest.ts';
import type { RunnableObject } from './runnable-object.ts';
import { rowsToCompare, rowsToTry } from './way-back.ts';

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

test('few rows are all tried', () => {
  expect(rowsToTry({ objects, load }, 60)).toEqual({ tables: load, all: true });
});

test('of many those that meet a function of users, by a domain, an index above them, or name objects', () => {
  const { tables, all } = rowsToTry({ objects, load }, 59);
  expect(all).toBe(false);
  expect(tables.map(({ id }) => id)).toEqual(['of_domain', 'part', 'child', 'names']);
});

test('compared are rows that code of users or of an extension makes, and those that name objects', () => {
  const more = [object('extension', 'citext'), object('table', 'folded', ['citext'])];
  const compared = rowsToCompare({ objects: [...objects, ...more], load: [...load, table('folded', 10)] });
  expect(compared.map(({ id }) => id)).toEqual(['of_domain', 'part', 'child', 'names', 'folded']);
});

import { describe, expect, it } from 'vitest';
import { checkFoundByPath } from './check-found-by-path.ts';
import type { RunnableObject } from './runnable-object.ts';

const index = (found: RunnableObject['foundByPath']): RunnableObject => ({
  id: 'index:1',
  kind: 'index',
  schema: 'app',
  name: 'by_slug',
  identity: 'index app.by_slug',
  section: 'post-data',
  sql: '',
  dependsOn: [],
  partOf: null,
  locks: [],
  roles: [],
  tablespaces: [],
  minServerMajor: 0,
  superuser: false,
  facts: {},
  foundByPath: found,
});
const call = { routine: 'app.slug(text)', name: 'app.half', builtIn: false };
const operator = { routine: 'app.same(citext)', name: 'public.=', builtIn: true };

describe('what an index finds by plain names', () => {
  it('is not there while a server from 17 on builds it', () => {
    expect(() => checkFoundByPath([index([call])], 160_000, 170_000)).toThrow(
      'index app.by_slug, whose function app.slug(text) uses app.half by its plain name',
    );
    expect(checkFoundByPath([index([call])], 160_000, 160_000)).toEqual([]);
  });

  it('does not stop a run where it is only for statistics', () => {
    const statistics = { ...index([call]), kind: 'statistics', identity: 'statistics app.slugs' };
    expect(checkFoundByPath([statistics], 160_000, 170_000)).toEqual([
      expect.stringContaining('statistics app.slugs, whose function app.slug(text) uses app.half'),
    ]);
  });

  it('is something of PostgreSQL’s own there, which between two such servers is the same', () => {
    expect(() => checkFoundByPath([index([operator])], 160_000, 180_000)).toThrow('uses public.=');
    expect(checkFoundByPath([index([operator])], 170_000, 180_000)).toEqual([]);
  });

  it('is said to be unknown where the text does not tell', () => {
    const hidden = index([{ routine: 'app.made(text)', name: null, builtIn: false }]);
    expect(checkFoundByPath([hidden], 130_000, 130_000)).toEqual([
      expect.stringContaining('index app.by_slug runs function app.made(text), whose text does not show'),
    ]);
    expect(checkFoundByPath([hidden], 130_000, 180_000)).toEqual([
      expect.stringContaining('pg_catalog alone'),
    ]);
  });
});

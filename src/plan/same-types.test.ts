import { describe, expect, test } from 'vitest';
import type { CatalogObject } from '../catalog/model.ts';
import { sameTypes } from './same-types.ts';

const object = (id: string, more: Partial<CatalogObject> = {}): CatalogObject => ({
  id,
  kind: 'enum',
  schema: 'public',
  name: id,
  identity: id.replace(/:.*/, ' x'),
  section: 'pre-data',
  sql: 'CREATE',
  facts: {},
  dropSql: null,
  dependsOn: [],
  partOf: null,
  locks: [],
  roles: [],
  tablespaces: [],
  minServerMajor: 0,
  superuser: false,
  ...more,
});

const ask = (
  there: readonly CatalogObject[],
  wanted: readonly CatalogObject[],
  more: Partial<Parameters<typeof sameTypes>[0]> = {},
) =>
  [
    ...sameTypes(
      { target: { objects: there }, mode: 'in-place', names: null, staying: new Set(), ...more },
      wanted,
    ).ids,
  ].toSorted();

describe('types that stay in place', () => {
  const owner = (type: string, role: string, id: string): CatalogObject =>
    object(id, { kind: 'owner', identity: 'owner of x', partOf: type, sql: role, dependsOn: [type] });

  test('are the same with all that is said of them', () => {
    const mine = [object('enum:1'), owner('enum:1', 'a', 'owner:1')];
    const its = [object('enum:7'), owner('enum:7', 'a', 'owner:7')];
    expect(ask(mine, its)).toEqual(['enum:1', 'owner:1']);
    expect(ask(mine, [object('enum:7'), owner('enum:7', 'b', 'owner:7')])).toEqual([]);
    expect(ask(mine, [object('enum:7')])).toEqual([]);
    expect(ask(mine, [object('enum:7', { sql: 'CREATE other' }), its[1]!])).toEqual([]);
  });

  test('need nothing that goes', () => {
    const domain = (id: string, need: string): CatalogObject =>
      object(id, { kind: 'domain', dependsOn: [need] });
    expect(
      ask([object('enum:1'), domain('domain:2', 'enum:1')], [object('enum:7'), domain('domain:8', 'enum:7')]),
    ).toEqual(['domain:2', 'enum:1']);
    const schema = [domain('domain:2', 'schema:3')];
    expect(ask(schema, [domain('domain:8', 'schema:9')])).toEqual([]);
    expect(ask(schema, [domain('domain:8', 'schema:9')], { staying: new Set(['schema:3']) })).toEqual([
      'domain:2',
    ]);
  });

  test('are in the live database, under the same name, and among those that may stay', () => {
    const [mine, its] = [[object('enum:1')], [object('enum:7')]];
    expect(ask(mine, its, { mode: 'replace' })).toEqual([]);
    expect(ask(mine, its, { mode: null })).toEqual([]);
    expect(ask(mine, its, { names: { source: 'a', target: 'b' } })).toEqual([]);
    expect(ask(mine, its, { among: new Set() })).toEqual([]);
    expect(ask(mine, its, { among: new Set(['enum:1']) })).toEqual(['enum:1']);
  });
});

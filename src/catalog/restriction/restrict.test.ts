import { describe, expect, it } from 'vitest';
import { runnable } from '../../../test/harness/runnable.ts';
import type { CatalogModel, CatalogObject } from '../model.ts';
import { unsupported } from '../unsupported/unsupported.ts';
import { restrict, withoutHanging } from './restrict.ts';

type Given = Pick<CatalogObject, 'id' | 'kind'> & Partial<CatalogObject>;

const object = (given: Given): CatalogObject => ({
  ...runnable({ kind: given.kind, section: 'pre-data', sql: '', name: given.id }),
  schema: null,
  dropSql: null,
  ...given,
});

const empty: CatalogModel = {
  server: {} as CatalogModel['server'],
  objects: [],
  tables: [],
  sequences: [],
  largeObjects: { count: 3, bytes: 30 },
  unsupported: [],
  extensions: [{ name: 'citext', version: '1.6' }],
  extensionMembers: [],
  withheld: [],
  restriction: null,
};

const model = (...objects: readonly Given[]): CatalogModel => ({ ...empty, objects: objects.map(object) });

const idsOf = ({ objects }: CatalogModel): readonly string[] => objects.map(({ id }) => id);
const inside = (whole: CatalogModel, withHanging = false): CatalogModel =>
  restrict(whole, ['app'], { withHanging });

describe('a model of some schemas', () => {
  it('holds what lies in them, with all parts at any depth, and nothing of the database itself', () => {
    const cut = inside(
      model(
        { id: 'extension:1', kind: 'extension', schema: 'app' },
        { id: 'table:1', kind: 'table', schema: 'app' },
        { id: 'table:2', kind: 'table', schema: 'other' },
        { id: 'index:1', kind: 'index', schema: 'app', partOf: 'table:1', dependsOn: ['table:1'] },
        { id: 'comment:1', kind: 'comment', partOf: 'index:1', dependsOn: ['index:1'] },
        { id: 'publication table:1', kind: 'publication table', schema: 'app', partOf: 'table:1' },
        { id: 'publication:1', kind: 'publication' },
        { id: 'setting:1', kind: 'database setting' },
        { id: 'trigger:2', kind: 'trigger', schema: 'other', partOf: 'table:2' },
      ),
    );
    expect(idsOf(cut)).toEqual(['table:1', 'index:1', 'comment:1', 'publication table:1']);
    expect([cut.extensions, cut.largeObjects]).toEqual([[], { count: 0, bytes: 0 }]);
  });

  it('holds casts and transforms of their types', () => {
    const cut = inside(
      model(
        { id: 'type:1', kind: 'enum', schema: 'app' },
        { id: 'type:2', kind: 'enum', schema: 'other' },
        { id: 'cast:1', kind: 'cast', dependsOn: ['type:1', 'type:2'] },
        { id: 'cast:2', kind: 'cast', dependsOn: ['type:2'] },
      ),
    );
    expect(idsOf(cut)).toEqual(['type:1', 'cast:1']);
    expect(cut.objects.find(({ id }) => id === 'cast:1')?.needs).toEqual([
      { kind: 'enum', identity: 'enum type:2', schema: 'other' },
    ]);
  });

  it('lists what is needed of outside by the name of the whole, and no mere order', () => {
    const cut = inside(
      model(
        { id: 'table:2', kind: 'table', schema: 'other' },
        { id: 'key:2', kind: 'primary key', schema: 'other', partOf: 'table:2' },
        { id: 'owner:table:2', kind: 'owner', schema: 'other', partOf: 'table:2', roles: ['admin'] },
        { id: 'table:1', kind: 'table', schema: 'app' },
        {
          id: 'key:1',
          kind: 'foreign key',
          schema: 'app',
          partOf: 'table:1',
          dependsOn: ['table:1', 'table:2', 'key:2', 'owner:table:2'],
          locks: [
            { table: 'table:1', mode: 'exclusive' },
            { table: 'table:2', mode: 'exclusive' },
          ],
        },
      ),
    );
    const [, key] = cut.objects;
    expect(key?.needs).toEqual([{ kind: 'table', identity: 'table table:2', schema: 'other' }]);
    expect(key?.dependsOn).toEqual(['table:1']);
    expect(key?.locks).toEqual([{ table: 'table:1', mode: 'exclusive' }]);
    expect(cut.restriction?.beside).toEqual(['table:2']);
    expect(cut.restriction?.outside).toContainEqual({
      kind: 'table',
      identity: 'table table:2',
      schema: 'other',
    });
  });

  it('brings what hangs on it from outside, at any distance, with the role that owns it; and can do without', () => {
    const whole = model(
      { id: 'function:1', kind: 'function', schema: 'app' },
      { id: 'table:2', kind: 'table', schema: 'other' },
      { id: 'owner:table:2', kind: 'owner', schema: 'other', partOf: 'table:2', roles: ['admin'] },
      { id: 'view:2', kind: 'view', schema: 'other', dependsOn: ['function:1'] },
      { id: 'view:3', kind: 'view', schema: 'other', dependsOn: ['view:2'] },
      { id: 'comment:3', kind: 'comment', partOf: 'view:3', dependsOn: ['view:3'] },
      {
        id: 'trigger:2',
        kind: 'trigger',
        schema: 'other',
        partOf: 'table:2',
        dependsOn: ['table:2', 'function:1'],
      },
      { id: 'refresh:2', kind: 'refresh', schema: 'other', dependsOn: ['function:1'] },
    );
    expect(idsOf(inside(whole))).toEqual(['function:1']);
    const cut = inside(whole, true);
    expect(idsOf(cut)).toEqual(['function:1', 'view:2', 'view:3', 'comment:3', 'trigger:2']);
    expect(cut.objects.find(({ id }) => id === 'trigger:2')?.outside).toEqual({ owner: 'admin' });
    expect(cut.objects.find(({ id }) => id === 'function:1')?.outside).toBeUndefined();
    expect(idsOf(withoutHanging(cut))).toEqual(['function:1']);
  });

  it('stops only for what cannot be carried inside', () => {
    const cut = inside({
      ...model(
        { id: 'table:1', kind: 'table', schema: 'app' },
        { id: 'table:2', kind: 'table', schema: 'other' },
      ),
      unsupported: [
        unsupported('part of a table inside', { table: 'table:1' }),
        unsupported('part of a table outside', { table: 'table:2' }),
        unsupported('object inside', { objects: ['table:1'] }),
        unsupported('something new inside', { schema: 'app' }),
        unsupported('something new outside', { schema: 'other' }),
        unsupported('something of the database'),
      ],
    });
    expect(cut.unsupported.map(({ identity }) => identity)).toEqual([
      'part of a table inside',
      'object inside',
      'something new inside',
    ]);
  });
});

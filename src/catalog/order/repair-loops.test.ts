import { describe, expect, it } from 'vitest';
import { groupNodes } from './order-node.ts';
import type { OrderNode } from './order-node.ts';
import { repairLoops } from './repair-loops.ts';

const make = (fields: Partial<OrderNode> & Pick<OrderNode, 'id'>): OrderNode => ({
  section: 'pre-data',
  sortKey: fields.id,
  dependsOn: [],
  inlineIn: null,
  separateTo: null,
  kind: 'other',
  postponable: false,
  needsWholeViews: false,
  ...fields,
});

const table = (id: string, ...dependsOn: string[]): OrderNode => make({ id, dependsOn });
const fn = (id: string, ...dependsOn: string[]): OrderNode => make({ id, dependsOn, postponable: true });
const key = (id: string, ...dependsOn: string[]): OrderNode => make({ id, dependsOn, section: 'post-data' });
const defaultOf = (owner: string, ...needs: string[]): OrderNode =>
  make({
    id: `default:${owner}`,
    kind: 'default',
    inlineIn: owner,
    separateTo: 'pre-data',
    postponable: true,
    dependsOn: [owner, ...needs],
  });
const checkOf = (owner: string, ...needs: string[]): OrderNode =>
  make({
    id: `check:${owner}`,
    kind: 'check',
    section: 'post-data',
    inlineIn: owner,
    separateTo: 'post-data',
    dependsOn: [owner, ...needs],
  });
const view = (name: string, needs: readonly string[], needsWholeViews = false): OrderNode[] => [
  table(`view:${name}`),
  make({
    id: `view definition:${name}`,
    kind: 'view definition',
    section: 'post-data',
    inlineIn: `view:${name}`,
    separateTo: 'post-data',
    dependsOn: [`view:${name}`, ...needs],
    needsWholeViews,
  }),
];

function repair(...nodes: readonly (OrderNode | OrderNode[])[]) {
  const all = new Map(nodes.flat().map((node) => [node.id, node]));
  const { separated, postponed, unbreakable } = repairLoops(all);
  const grouped = groupNodes(all, separated, postponed);
  return {
    separated: [...separated].sort(),
    postponed: [...postponed].sort(),
    unbreakable: unbreakable.map((loop) => loop.toSorted()),
    needs: (id: string) => [...(grouped.edges.get(id) ?? [])].sort(),
  };
}

describe('repairLoops', () => {
  it('leaves parts inside their owner when nothing needs the owner in between', () => {
    const result = repair(table('t'), fn('f'), defaultOf('t', 'f'), checkOf('t', 'f'), view('v', ['t']));
    expect(result).toMatchObject({ separated: [], postponed: [], unbreakable: [] });
    expect(result.needs('t')).toEqual(['f']);
    expect(result.needs('view:v')).toEqual(['t']);
  });

  it('gives a default its own statement when its function needs the table, and leaves the check alone', () => {
    const result = repair(table('t'), fn('f', 't'), defaultOf('t', 'f'), checkOf('t'));
    expect(result.separated).toEqual(['default:t']);
    expect(result.needs('default:t')).toEqual(['f', 't']);
  });

  it('puts a check after the rows when its function needs the table', () => {
    expect(repair(table('t'), fn('f', 't'), checkOf('t', 'f')).separated).toEqual(['check:t']);
  });

  it('starts a view as a placeholder when a function of its query needs its row type', () => {
    expect(repair(fn('f', 'view:v'), view('v', ['f'])).separated).toEqual(['view definition:v']);
  });

  it('starts a view as a placeholder when its query needs a key, and what reads it in pre-data stays', () => {
    const result = repair(table('t'), key('pk', 't'), view('v', ['t', 'pk']), view('w', ['view:v']));
    expect(result.separated).toEqual(['view definition:v']);
    expect(result.postponed).toEqual([]);
    expect(result.needs('view definition:v')).toEqual(['pk', 't', 'view:v']);
    expect(result.needs('view:w')).toEqual(['view:v']);
  });

  it('moves a view with check option behind the full definition of what it reads', () => {
    const result = repair(table('t'), key('pk', 't'), view('v', ['pk']), view('w', ['view:v'], true));
    expect(result.separated).toEqual(['view definition:v', 'view definition:w']);
    expect(result.needs('view definition:w')).toEqual(['view definition:v', 'view:v', 'view:w']);
  });

  it('lets what comes after the rows wait for the full definition of a view', () => {
    const result = repair(table('t'), key('pk', 't'), view('v', ['pk']), key('trigger', 'view:v'));
    expect(result.needs('trigger')).toEqual(['view definition:v', 'view:v']);
  });

  it('postpones a function that needs a key, with the functions and defaults that need it', () => {
    const result = repair(
      table('t'),
      key('pk', 't'),
      fn('f', 'pk'),
      fn('g', 'f'),
      table('u'),
      defaultOf('u', 'g'),
    );
    expect(result.postponed).toEqual(['default:u', 'f', 'g']);
    expect(result.separated).toEqual(['default:u']);
    expect(result.unbreakable).toEqual([]);
  });

  it('names functions that need each other', () => {
    expect(repair(fn('f', 'g'), fn('g', 'f'), fn('h')).unbreakable).toEqual([['f', 'g']]);
  });

  it('names a table that needs something after the rows', () => {
    expect(repair(table('t', 'f'), key('pk'), fn('f', 'pk')).unbreakable).toEqual([['f', 't']]);
  });

  it('repairs every loop of a tangle', () => {
    const result = repair(
      table('a'),
      table('b'),
      fn('fa', 'a', 'view:v'),
      fn('fb', 'b', 'fa'),
      defaultOf('a', 'fb'),
      checkOf('b', 'fa'),
      view('v', ['fb']),
    );
    expect(result.unbreakable).toEqual([]);
    expect(result.separated).toContain('view definition:v');
  });
});

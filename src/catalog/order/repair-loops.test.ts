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
  forerunnerOf: null,
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

/** A type with its shell, and functions of its own that name it. */
const type = (id: string, functions: readonly string[], ...needs: string[]): OrderNode[] => [
  table(id, `shell:${id}`, ...functions, ...needs),
  make({
    id: `shell:${id}`,
    kind: 'shell',
    inlineIn: id,
    separateTo: 'pre-data',
    forerunnerOf: id,
    dependsOn: ['schema'],
  }),
  ...functions.map((name) => fn(name, id)),
];
/** A function that may start as a stub, for which the types of its arguments are enough. */
const stubbed = (id: string, types: readonly string[], ...needs: string[]): OrderNode[] => [
  fn(id, `stub:${id}`, ...types, ...needs),
  make({
    id: `stub:${id}`,
    kind: 'stub',
    inlineIn: id,
    separateTo: 'pre-data',
    forerunnerOf: id,
    dependsOn: types,
  }),
];

function repair(...nodes: readonly (OrderNode | OrderNode[])[]) {
  const all = new Map(nodes.flat().map((node) => [node.id, node]));
  const repairs = repairLoops(all);
  const { separated, postponed, vanishing, unbreakable } = repairs;
  const grouped = groupNodes(all, repairs);
  return {
    separated: [...separated].sort(),
    postponed: [...postponed].sort(),
    vanishing: [...vanishing].sort(),
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

  it('announces a type before its own functions, and the type itself before all others', () => {
    const result = repair(
      table('schema'),
      type('base', ['in', 'out']),
      fn('other', 'base'),
      table('t', 'base'),
    );
    expect(result).toMatchObject({ separated: ['shell:base'], unbreakable: [], vanishing: ['in', 'out'] });
    expect(result.needs('in')).toEqual(['shell:base']);
    expect(result.needs('shell:base')).toEqual(['schema']);
    expect(result.needs('base')).toEqual(['in', 'out', 'shell:base']);
    expect(result.needs('other')).toEqual(['base']);
  });

  it('announces no type whose functions are there already', () => {
    const result = repair(fn('canonical'), type('range', []), table('schema'));
    expect(result).toMatchObject({ separated: [], unbreakable: [], vanishing: [] });
    expect(result.needs('range')).toEqual(['schema']);
  });

  it('announces two types whose functions know both', () => {
    const result = repair(
      table('schema'),
      type('one', ['one_in']),
      type('two', ['two_in'], 'one'),
      fn('cast', 'one', 'two'),
    );
    expect(result).toMatchObject({ separated: ['shell:one', 'shell:two'], unbreakable: [] });
  });

  it('starts one of the functions that need each other as a stub', () => {
    const result = repair(
      stubbed('f', [], 'g'),
      stubbed('g', [], 'h'),
      stubbed('h', [], 'f'),
      stubbed('i', [], 'f'),
    );
    expect(result).toMatchObject({ separated: ['stub:f'], unbreakable: [], vanishing: ['g', 'h'] });
    expect(result.needs('h')).toEqual(['stub:f']);
    expect(result.needs('i')).toEqual(['f']);
  });

  it('starts a function as a stub when a column that cannot be taken out of its table needs it', () => {
    const result = repair(table('t', 'f'), stubbed('f', ['pair'], 't'), table('pair'));
    expect(result).toMatchObject({ separated: ['stub:f'], unbreakable: [] });
    expect(result.needs('t')).toEqual(['stub:f']);
    expect(result.needs('f')).toEqual(['pair', 'stub:f', 't']);
  });

  it('takes defaults, checks and queries out of a loop rather than start a function as a stub', () => {
    const result = repair(
      table('t'),
      stubbed('f', ['t']),
      stubbed('g', ['view:v']),
      defaultOf('t', 'f'),
      view('v', ['g']),
    );
    expect(result.separated).toEqual(['default:t', 'view definition:v']);
  });

  it('names functions whose stubs would need each other too', () => {
    expect(repair(stubbed('f', ['t'], 't'), table('t', 'f')).unbreakable).toEqual([['stub:f', 't']]);
  });

  it('starts views that read each other as placeholders', () => {
    const result = repair(view('a', ['view:b']), view('b', ['view:a']), view('c', ['view:a']));
    expect(result).toMatchObject({ separated: ['view definition:a', 'view definition:b'], unbreakable: [] });
  });

  it('leaves the stub of a function that calls itself before it', () => {
    const result = repair(stubbed('f', []).map((node) => ({ ...node, inlineIn: null })));
    expect(result).toMatchObject({ separated: [], vanishing: [], unbreakable: [] });
    expect(result.needs('f')).toEqual(['stub:f']);
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

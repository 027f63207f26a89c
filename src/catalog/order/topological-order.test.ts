import { array, assert, integer, nat, property, tuple } from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loops } from './strong-components.ts';
import { topologicalOrder } from './topological-order.ts';

type Edges = Map<string, Set<string>>;

const name = (index: number): string => `n${String(index).padStart(3, '0')}`;

/** `upward`: an edge leads to a smaller index only, so there is no loop. */
const graphs = (upward: boolean): Arbitrary<Edges> =>
  integer({ min: 1, max: 40 }).chain((size) =>
    array(tuple(nat(size - 1), nat(size - 1)), { maxLength: 120 }).map((pairs) => {
      const edges: Edges = new Map(Array.from({ length: size }, (_, index) => [name(index), new Set()]));
      for (const [from, to] of pairs) {
        if (upward ? to < from : to !== from) edges.get(name(from))?.add(name(to));
      }
      return edges;
    }),
  );

/** Whether a walk along the edges leads from one to the other. */
function leads(edges: Edges, from: string, to: string): boolean {
  const seen = new Set<string>();
  const next = [...(edges.get(from) ?? [])];
  for (let at = next.pop(); at !== undefined; at = next.pop()) {
    if (at === to) return true;
    if (seen.has(at)) continue;
    seen.add(at);
    next.push(...(edges.get(at) ?? []));
  }
  return false;
}

describe('topologicalOrder', () => {
  it('takes the smallest key among those that may come next', () => {
    const edges: Edges = new Map([
      ['c', new Set()],
      ['a', new Set(['c'])],
      ['b', new Set()],
      ['d', new Set(['missing'])],
    ]);
    expect(topologicalOrder(edges, (id) => id)).toEqual(['b', 'c', 'a', 'd']);
  });

  it('puts everything after what it needs, each once, whatever the order of reading', () => {
    assert(
      property(graphs(true), (edges) => {
        const order = topologicalOrder(edges, (id) => id);
        const place = new Map(order.map((id, index) => [id, index]));
        expect(place.size).toBe(edges.size);
        for (const [id, needs] of edges) {
          for (const need of needs) expect(place.get(need)).toBeLessThan(place.get(id) ?? -1);
        }
        const reversed = new Map(
          [...edges].reverse().map(([id, needs]) => [id, new Set([...needs].reverse())]),
        );
        expect(topologicalOrder(reversed, (id) => id)).toEqual(order);
      }),
    );
  });
});

describe('loops', () => {
  it('finds exactly the nodes that lead back to themselves, together with those they share a loop with', () => {
    assert(
      property(graphs(false), (edges) => {
        const found = loops(edges);
        const looping = [...edges.keys()].filter((id) => leads(edges, id, id));
        expect(found.flat().sort()).toEqual(looping.sort());
        for (const loop of found) {
          for (const one of loop) for (const other of loop) expect(leads(edges, one, other)).toBe(true);
        }
      }),
    );
  });

  it('is not afraid of depth', () => {
    const size = 20_000;
    const edges: Edges = new Map(
      Array.from({ length: size }, (_, index) => [String(index), new Set([String((index + 1) % size)])]),
    );
    expect(loops(edges).map(({ length }) => length)).toEqual([size]);
  });
});

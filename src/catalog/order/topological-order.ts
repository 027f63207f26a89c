/**
 * Ids in an order where each comes after what it needs; among those that may come next, the smallest key first.
 * Members of a loop are left out.
 */
export function topologicalOrder(
  edges: ReadonlyMap<string, ReadonlySet<string>>,
  keyOf: (id: string) => string,
): string[] {
  const waiting = new Map<string, number>();
  const dependents = new Map<string, string[]>();
  const ready = new Heap(keyOf);
  for (const [id, needs] of edges) {
    let count = 0;
    for (const need of needs) {
      if (!edges.has(need)) continue;
      count += 1;
      const list = dependents.get(need);
      if (list === undefined) dependents.set(need, [id]);
      else list.push(id);
    }
    if (count === 0) ready.push(id);
    else waiting.set(id, count);
  }
  const order: string[] = [];
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    order.push(next);
    for (const dependent of dependents.get(next) ?? []) {
      const left = (waiting.get(dependent) ?? 0) - 1;
      waiting.set(dependent, left);
      if (left === 0) ready.push(dependent);
    }
  }
  return order;
}

/** A binary heap, smallest key first. */
class Heap {
  readonly #items: { readonly id: string; readonly key: string }[] = [];
  readonly #keyOf: (id: string) => string;

  constructor(keyOf: (id: string) => string) {
    this.#keyOf = keyOf;
  }

  push(id: string): void {
    const items = this.#items;
    items.push({ id, key: this.#keyOf(id) });
    for (let child = items.length - 1; child > 0;) {
      const parent = (child - 1) >> 1;
      if (!this.#swapWhenLess(child, parent)) return;
      child = parent;
    }
  }

  pop(): string | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (top === undefined || last === undefined) return undefined;
    if (items.length > 0) {
      items[0] = last;
      for (let parent = 0; ;) {
        const left = parent * 2 + 1;
        const right = left + 1;
        const child = this.#less(right, left) ? right : left;
        if (!this.#swapWhenLess(child, parent)) break;
        parent = child;
      }
    }
    return top.id;
  }

  #less(one: number, other: number): boolean {
    const a = this.#items[one];
    const b = this.#items[other];
    return a !== undefined && b !== undefined && a.key < b.key;
  }

  #swapWhenLess(one: number, other: number): boolean {
    const a = this.#items[one];
    const b = this.#items[other];
    if (a === undefined || b === undefined || !this.#less(one, other)) return false;
    this.#items[one] = b;
    this.#items[other] = a;
    return true;
  }
}

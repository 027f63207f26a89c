/**
 * Sets of nodes that need each other (Tarjan), only those of two or more, without recursion: chains of views may be
 * deeper than the stack. Edges to unknown nodes are passed over.
 */
export function loops(edges: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const onStack = new Set<string>();
  const stack: string[] = [];
  const found: string[][] = [];

  for (const root of edges.keys()) {
    if (index.has(root)) continue;
    const path: { node: string; rest: Iterator<string> }[] = [];
    const enter = (node: string): void => {
      index.set(node, index.size);
      low.set(node, index.size - 1);
      stack.push(node);
      onStack.add(node);
      path.push({ node, rest: (edges.get(node) ?? new Set<string>()).values() });
    };
    enter(root);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = top.rest.next();
      if (next.done !== true) {
        if (!edges.has(next.value)) continue;
        if (!index.has(next.value)) enter(next.value);
        else if (onStack.has(next.value)) lower(low, top.node, index.get(next.value) ?? 0);
        continue;
      }
      path.pop();
      const parent = path.at(-1);
      if (parent !== undefined) lower(low, parent.node, low.get(top.node) ?? 0);
      if (low.get(top.node) === index.get(top.node)) {
        const component = stack.splice(stack.lastIndexOf(top.node));
        for (const node of component) onStack.delete(node);
        if (component.length > 1) found.push(component);
      }
    }
  }
  return found;
}

function lower(low: Map<string, number>, node: string, value: number): void {
  low.set(node, Math.min(low.get(node) ?? value, value));
}

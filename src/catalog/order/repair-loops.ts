import { groupNodes } from './order-node.ts';
import type { Grouped, OrderNode, Repairs } from './order-node.ts';
import { loops } from './strong-components.ts';

/**
 * Makes the objects orderable: pre-data may not need post-data, and nothing may need itself through others. The means
 * are pg_dump's (docs/facts/postgresql.md#order-and-loops) and one more, applied until nothing is left to repair:
 *
 * - a type is announced before its own functions, which name it before it exists;
 * - then a default that is part of a loop gets its own statement after the table;
 * - then CHECK constraints get theirs: those of tables after the rows, those of domains before the tables;
 * - then views start as a placeholder with the same columns, and get their query after the rows;
 * - then functions that need each other (in defaults of arguments, in bodies the server has parsed) start as a stub;
 * - a function, a materialized view or a separated default that needs something of post-data moves there.
 *
 * Every round separates or moves at least one node, so it ends.
 */
export function repairLoops(nodes: ReadonlyMap<string, OrderNode>): Repairs {
  const work: Work = {
    nodes,
    separated: new Set(),
    postponed: new Set(),
    forerunners: new Map(),
    vanishing: new Set(),
  };
  for (;;) {
    const grouped = groupNodes(nodes, work);
    if (repairBoundary(work, grouped)) continue;
    const found = loops(grouped.edges);
    const repaired = found.map((loop) => repairLoop(work, grouped, new Set(loop)));
    if (repaired.includes(true)) continue;
    return { ...work, unbreakable: [...found, ...crossings(grouped)] };
  }
}

interface Work {
  readonly nodes: ReadonlyMap<string, OrderNode>;
  readonly separated: Set<string>;
  readonly postponed: Set<string>;
  readonly forerunners: Map<string, Map<string, string>>;
  readonly vanishing: Set<string>;
}

/** Moves each pre-data group that needs post-data behind the rows; true if anything moved. */
function repairBoundary({ nodes, separated, postponed }: Work, grouped: Grouped): boolean {
  let moved = false;
  for (const node of nodes.values()) {
    const group = grouped.groupOf(node.id);
    if (grouped.sectionOf(group) === 'post-data') continue;
    if (!needsOf(node, grouped).some((need) => grouped.sectionOf(need) === 'post-data')) continue;
    if (node.id !== group) {
      separated.add(node.id);
      moved = true;
    } else if (node.postponable && !postponed.has(node.id)) {
      postponed.add(node.id);
      moved = true;
    }
  }
  return moved;
}

function needsOf(node: OrderNode, grouped: Grouped): readonly string[] {
  return [...(grouped.needs.get(node.id) ?? [])];
}

/** Gives the first kind of part found in the loop a statement of its own; false if there is none. */
function repairLoop(work: Work, grouped: Grouped, loop: ReadonlySet<string>): boolean {
  if (startEarly(work, grouped, loop, 'shell')) return true;
  for (const kind of ['default', 'check', 'view definition'] as const) {
    let found = false;
    for (const node of work.nodes.values()) {
      if (node.kind !== kind || node.inlineIn === null || work.separated.has(node.id)) continue;
      if (!loop.has(grouped.groupOf(node.id))) continue;
      if (!needsOf(node, grouped).some((need) => loop.has(need))) continue;
      work.separated.add(node.id);
      found = true;
    }
    if (found) return true;
  }
  return startEarly(work, grouped, loop, 'stub');
}

/**
 * Lets one member of the loop start with its forerunner, so that the others need only that. A shell is enough for the
 * functions that the type needs, a stub for everything that names the function.
 */
function startEarly(
  { nodes, separated, forerunners, vanishing }: Work,
  grouped: Grouped,
  loop: ReadonlySet<string>,
  kind: 'shell' | 'stub',
): boolean {
  const candidates = [...nodes.values()]
    .filter((node) => node.kind === kind && node.forerunnerOf !== null && loop.has(node.forerunnerOf))
    .sort((a, b) => (a.sortKey < b.sortKey ? -1 : 1));
  for (const { id, forerunnerOf: member } of candidates) {
    if (member === null) continue;
    const dependents = [...nodes.values()].filter((node) => {
      const group = grouped.groupOf(node.id);
      if (group === member || !loop.has(group)) return false;
      if (!needsOf(node, grouped).includes(member)) return false;
      return kind === 'stub' || grouped.edges.get(member)?.has(group) === true;
    });
    if (dependents.length === 0) continue;
    separated.add(id);
    for (const dependent of dependents) {
      const known = forerunners.get(dependent.id) ?? [];
      forerunners.set(dependent.id, new Map([...known, [member, id]]));
    }
    for (const other of loop) if (other !== member) vanishing.add(other);
    return true;
  }
  return false;
}

/** Pre-data that needs post-data and cannot move: a table's column, say, whose type would need a view's query. */
function crossings(grouped: Grouped): string[][] {
  const found: string[][] = [];
  for (const [group, needs] of grouped.edges) {
    if (grouped.sectionOf(group) === 'post-data') continue;
    for (const need of needs) if (grouped.sectionOf(need) === 'post-data') found.push([group, need]);
  }
  return found;
}

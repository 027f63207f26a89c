import { groupNodes } from './order-node.ts';
import type { Grouped, OrderNode, Repairs } from './order-node.ts';
import { loops } from './strong-components.ts';

/**
 * Makes the objects orderable: pre-data may not need post-data, and nothing may need itself through others. The means
 * are pg_dump's (facts: §3.3), applied until nothing is left to repair:
 *
 * - a default that is part of a loop gets its own statement after the table;
 * - then CHECK constraints (of tables and domains) get theirs, after the rows;
 * - then views start as a placeholder with the same columns, and get their query after the rows;
 * - a function, a materialized view or a separated default that needs something of post-data moves there.
 *
 * Every round separates or moves at least one node, so it ends.
 */
export function repairLoops(nodes: ReadonlyMap<string, OrderNode>): Repairs {
  const separated = new Set<string>();
  const postponed = new Set<string>();
  const unbreakable: string[][] = [];
  for (;;) {
    const grouped = groupNodes(nodes, separated, postponed);
    if (repairBoundary(nodes, grouped, separated, postponed)) continue;
    const found = loops(grouped.edges);
    const repaired = found.map((loop) => repairLoop(nodes, grouped, new Set(loop), separated));
    if (repaired.includes(true)) continue;
    unbreakable.push(...found, ...crossings(grouped));
    return { separated, postponed, unbreakable };
  }
}

/** One step back behind the rows for each pre-data group that needs post-data; true when anything moved. */
function repairBoundary(
  nodes: ReadonlyMap<string, OrderNode>,
  grouped: Grouped,
  separated: Set<string>,
  postponed: Set<string>,
): boolean {
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

/** Takes the first kind of part found out of the loop; false when there is none to take out. */
function repairLoop(
  nodes: ReadonlyMap<string, OrderNode>,
  grouped: Grouped,
  loop: ReadonlySet<string>,
  separated: Set<string>,
): boolean {
  for (const kind of ['default', 'check', 'view definition'] as const) {
    let found = false;
    for (const node of nodes.values()) {
      if (node.kind !== kind || node.inlineIn === null || separated.has(node.id)) continue;
      if (!loop.has(grouped.groupOf(node.id))) continue;
      if (!needsOf(node, grouped).some((need) => loop.has(need))) continue;
      separated.add(node.id);
      found = true;
    }
    if (found) return true;
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

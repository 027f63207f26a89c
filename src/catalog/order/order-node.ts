import type { Section } from '../model.ts';

/** What ordering needs to know of an object. */
export interface OrderNode {
  readonly id: string;
  readonly section: Section;
  /** Decides between objects that may come next, smallest first; the same for the same schema in another database. */
  readonly sortKey: string;
  readonly dependsOn: readonly string[];
  /** The node whose statement this part is written in, unless a loop asks for a statement of its own. */
  readonly inlineIn: string | null;
  /** Where the part goes when it stands alone. */
  readonly separateTo: Section | null;
  /** Which parts of a loop are taken out first. */
  readonly kind: 'shell' | 'default' | 'check' | 'view definition' | 'stub' | 'other';
  /** The node that this one announces. */
  readonly forerunnerOf: string | null;
  /** May move to post-data when it needs something there. */
  readonly postponable: boolean;
  readonly needsWholeViews: boolean;
}

/** Loops repaired: what stands alone, what moved. */
export interface Repairs {
  readonly separated: ReadonlySet<string>;
  readonly postponed: ReadonlySet<string>;
  /** Node → what it needs → the forerunner of that which is enough for it. */
  readonly forerunners: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Members of loops, but for the one with a forerunner: they may vanish when that one is dropped. */
  readonly vanishing: ReadonlySet<string>;
  /** Loops that no repair opens: sets of ids that need each other. */
  readonly unbreakable: readonly (readonly string[])[];
}

/** Nodes with their inline parts taken together, and what each group needs. */
export interface Grouped {
  /** Any node → the group that holds it. */
  readonly groupOf: (id: string) => string;
  readonly sectionOf: (group: string) => Section;
  /** Node → other groups that this node, or this part, needs. */
  readonly needs: ReadonlyMap<string, ReadonlySet<string>>;
  /** Group → groups it needs. */
  readonly edges: ReadonlyMap<string, ReadonlySet<string>>;
}

export function groupNodes(
  nodes: ReadonlyMap<string, OrderNode>,
  { separated, postponed, forerunners }: Omit<Repairs, 'vanishing' | 'unbreakable'>,
): Grouped {
  const groupOf = (id: string): string => {
    const node = nodes.get(id);
    return node === undefined || node.inlineIn === null || separated.has(id) ? id : node.inlineIn;
  };
  const sectionOf = (group: string): Section => {
    const node = nodes.get(group);
    if (node === undefined || postponed.has(group)) return 'post-data';
    return separated.has(group) && node.separateTo !== null ? node.separateTo : node.section;
  };
  const needs = new Map<string, Set<string>>();
  const edges = new Map<string, Set<string>>();
  for (const node of nodes.values()) {
    const group = groupOf(node.id);
    const own = new Set<string>();
    const enough = forerunners.get(node.id);
    for (const need of edgesOf(node, nodes, separated, sectionOf(group))) {
      const target = enough?.get(need) ?? groupOf(need);
      if (target !== group && nodes.has(target)) own.add(target);
    }
    needs.set(node.id, own);
    edges.set(group, new Set([...(edges.get(group) ?? []), ...own]));
  }
  return { groupOf, sectionOf, needs, edges };
}

/**
 * What a node needs, including views that start as placeholders: after the rows it needs their full definition. Only
 * the query of another view can do without it, and must if two views read each other.
 */
function edgesOf(
  node: OrderNode,
  nodes: ReadonlyMap<string, OrderNode>,
  separated: ReadonlySet<string>,
  section: Section,
): readonly string[] {
  const whole = node.needsWholeViews || (section === 'post-data' && node.kind !== 'view definition');
  if (!whole || separated.size === 0) return node.dependsOn;
  return node.dependsOn.flatMap((need) => {
    const definition = need.startsWith('view:') ? `view definition:${need.slice('view:'.length)}` : null;
    return definition !== null && separated.has(definition) && nodes.has(definition) && node.id !== definition
      ? [need, definition]
      : [need];
  });
}

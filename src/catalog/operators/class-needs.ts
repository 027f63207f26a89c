import type { Claims } from '../claims.ts';
import type { Dependency } from '../dependencies/dependencies.ts';
import type { Draft } from '../draft.ts';

type Edges = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Sorting and grouping (ORDER BY, DISTINCT, GROUP BY, UNION) take the type's default operator class, but `pg_depend`
 * only names the operators found through it. What uses an operator also waits for the classes and families it is a
 * member of, except where these need it themselves.
 */
export function withOperatorClasses(
  edges: Edges,
  claims: Claims,
  {
    dependencies,
    drafts,
  }: { readonly dependencies: readonly Dependency[]; readonly drafts: readonly Draft[] },
): Edges {
  const memberOf = memberships(claims, dependencies);
  if (memberOf.size === 0) return edges;
  const needs = new Map(drafts.map((draft) => [draft.id, draft.needs]));
  const ofOperators = new Set(drafts.filter(({ kind }) => operatorKinds.has(kind)).map(({ id }) => id));
  const reaches = reachability(edges, needs);
  const result = new Map(edges);
  for (const [id, needed] of edges) {
    if (ofOperators.has(id)) continue;
    const more = [...needed]
      .flatMap((need) => [...(memberOf.get(need) ?? [])])
      .filter((home) => !reaches(home, id));
    if (more.length > 0) result.set(id, new Set([...needed, ...more]));
  }
  return result;
}

const operatorKinds: ReadonlySet<Draft['kind']> = new Set(['operator', 'operator class', 'operator family']);

/** Operator → classes and families (or additions to a family) that have it. */
function memberships({ idOf }: Claims, dependencies: readonly Dependency[]): Edges {
  const found = new Map<string, Set<string>>();
  for (const { from, to } of dependencies) {
    if (!from.startsWith('pg_amop:') || !to.startsWith('pg_operator:')) continue;
    const [home, operator] = [idOf(from), idOf(to)];
    if (home === null || operator === null) continue;
    found.set(operator, new Set([...(found.get(operator) ?? []), home]));
  }
  return found;
}

/** Whether one draft needs another, itself or through others. Each start is looked at once. */
function reachability(
  edges: Edges,
  needs: ReadonlyMap<string, readonly string[]>,
): (from: string, to: string) => boolean {
  const known = new Map<string, Set<string>>();
  const reachedFrom = (from: string): Set<string> => {
    const seen = new Set<string>();
    const next = [from];
    for (let at = next.pop(); at !== undefined; at = next.pop()) {
      if (seen.has(at)) continue;
      seen.add(at);
      next.push(...(edges.get(at) ?? []), ...(needs.get(at) ?? []));
    }
    return seen;
  };
  return (from, to) => {
    const reached = known.get(from) ?? reachedFrom(from);
    known.set(from, reached);
    return reached.has(to);
  };
}

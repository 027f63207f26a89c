import type { ObjectKind } from '../model.ts';

type Edges = ReadonlyMap<string, ReadonlySet<string>>;

/** Kinds whose statements may hold expressions. */
const withExpressions: ReadonlySet<ObjectKind> = new Set([
  'domain',
  'function',
  'procedure',
  'table',
  'foreign table',
  'view',
  'materialized view',
  'default',
]);

/**
 * Puts every cast before what may use it: of `x::type` the server notes the function and the type, but never the cast,
 * without which the text cannot be read again. Only what the cast itself needs stays before it. `kindOf` knows the
 * objects before the rows; all others come later anyway.
 */
export function castsFirst(edges: Edges, kindOf: (id: string) => ObjectKind | null): Edges {
  const ids = [...edges.keys()];
  const casts = ids.filter((id) => kindOf(id) === 'cast');
  if (casts.length === 0) return edges;
  return putFirst(edges, casts, (id) => {
    const kind = kindOf(id);
    return kind !== null && withExpressions.has(kind);
  });
}

/**
 * A CHECK of a domain that stands alone cannot be added any more when a table has the domain inside of an array or a
 * row: it comes before every table that it does not need itself. `isCheck`, `isTable` know the objects before the
 * rows.
 */
export function domainChecksFirst(
  edges: Edges,
  isCheck: (id: string) => boolean,
  isTable: (id: string) => boolean,
): Edges {
  const checks = [...edges.keys()].filter(isCheck);
  return checks.length === 0 ? edges : putFirst(edges, checks, isTable);
}

function putFirst(edges: Edges, firsts: readonly string[], isUser: (id: string) => boolean): Edges {
  const users = [...edges.keys()].filter(isUser);
  const more = new Map([...edges].map(([id, needs]) => [id, new Set(needs)]));
  for (const first of firsts) {
    const before = reach(more, first);
    for (const user of users) if (!before.has(user)) more.get(user)?.add(first);
  }
  return more;
}

function reach(edges: Edges, from: string): ReadonlySet<string> {
  const reached = new Set<string>();
  const next = [from];
  for (let at = next.pop(); at !== undefined; at = next.pop()) {
    if (reached.has(at)) continue;
    reached.add(at);
    next.push(...(edges.get(at) ?? []));
  }
  return reached;
}

import type { ObjectKind } from '../model.ts';

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
export function castsFirst(
  edges: ReadonlyMap<string, ReadonlySet<string>>,
  kindOf: (id: string) => ObjectKind | null,
): ReadonlyMap<string, ReadonlySet<string>> {
  const ids = [...edges.keys()];
  const casts = ids.filter((id) => kindOf(id) === 'cast');
  if (casts.length === 0) return edges;
  const users = ids.filter((id) => {
    const kind = kindOf(id);
    return kind !== null && withExpressions.has(kind);
  });
  const more = new Map([...edges].map(([id, needs]) => [id, new Set(needs)]));
  for (const cast of casts) {
    const before = reach(more, cast);
    for (const user of users) if (!before.has(user)) more.get(user)?.add(cast);
  }
  return more;
}

function reach(edges: ReadonlyMap<string, ReadonlySet<string>>, from: string): ReadonlySet<string> {
  const reached = new Set<string>();
  const next = [from];
  for (let at = next.pop(); at !== undefined; at = next.pop()) {
    if (reached.has(at)) continue;
    reached.add(at);
    next.push(...(edges.get(at) ?? []));
  }
  return reached;
}

import type { ObjectKind } from '../../catalog/model.ts';
import type { RunnableObject } from '../../plan/runnable-object.ts';

const kinds: ReadonlySet<string> = new Set<ObjectKind>([
  'publication',
  'publication table',
  'publication schema',
]);

/**
 * Ids of what says which rows are published, without what needs other objects that come after the rows. In place it is
 * made before the rows: whoever follows the target through a slot is told of rows as the publications are at that
 * moment, and where one is missing servers before 18 refuse to go on with the slot for good.
 */
export function beforeTheRows(post: readonly RunnableObject[]): ReadonlySet<string> {
  const later = new Set(post.map(({ id }) => id));
  const early = new Set<string>();
  for (const { id, kind, dependsOn } of post) {
    if (!kinds.has(kind) || dependsOn.some((need) => later.has(need) && need !== id)) continue;
    later.delete(id);
    early.add(id);
  }
  return early;
}

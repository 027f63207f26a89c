import type { Draft } from '../draft.ts';
import type { ExtensionRelation } from './extension-relations.ts';
import type { TableName } from './part-guards.ts';

/**
 * Indexes of a user's partitions, and their attachments, below an index of an extension's table. If the extension's
 * script has made that index, attaching the partition makes them.
 */
export function belowParts(
  drafts: readonly Draft[],
  byId: ReadonlyMap<string, Draft>,
  parts: ReadonlyMap<string, ExtensionRelation>,
): ReadonlyMap<string, TableName> {
  const attachments = drafts.filter(({ kind, id }) => kind === 'index attach' && !parts.has(id));
  const below = new Map<string, TableName>();
  for (let size = -1; size < below.size;) {
    size = below.size;
    for (const { id, needs } of attachments) {
      const [child = '', parent = ''] = needs;
      if (!parts.has(parent) && !below.has(parent)) continue;
      const { schema, name } = byId.get(byId.get(child)?.partOf ?? '') ?? { schema: null, name: '' };
      for (const one of [child, id]) below.set(one, { schema: schema ?? '', name });
    }
  }
  return below;
}

import type { Draft } from './draft.ts';
import { displayQualified } from './display-name.ts';
import { groupBy } from './group-by.ts';
import type { UnsupportedObject } from './model.ts';
import { unsupported } from './unsupported/unsupported.ts';
import { contentsIdentity, refreshDraft, refreshId } from './views/materialized-view.ts';
import type { ViewRow } from './views/view-row.ts';

export interface Refreshes {
  readonly drafts: readonly Draft[];
  readonly unsupported: readonly UnsupportedObject[];
}

/** Kinds for which a refresh must wait: they change which rows are seen, who may see them, or how fast. */
const awaited = new Set([
  'view',
  'primary key',
  'unique constraint',
  'index',
  'index attach',
  'rule',
  'policy',
  'row security',
  'owner',
  'privileges',
]);

/**
 * Refreshes of the populated materialized views, each after those it reads, through views and functions too. A
 * populated view that reads an unpopulated one cannot be filled again; it is reported, not left empty.
 */
export function refreshes(
  rows: readonly ViewRow[],
  drafts: readonly Draft[],
  dependencies: ReadonlyMap<string, ReadonlySet<string>>,
): Refreshes {
  const materialized = rows.filter(({ relkind }) => relkind === 'm');
  const byId = new Map(materialized.map((row) => [`materialized view:${row.oid}`, row]));
  const parts = groupBy(
    drafts.filter(({ partOf, kind }) => partOf !== null && awaited.has(kind)),
    ({ partOf }) => partOf,
  );
  const reach = (id: string): ReadonlySet<string> => {
    const reached = new Set<string>();
    const next = [id];
    for (let at = next.pop(); at !== undefined; at = next.pop()) {
      if (reached.has(at)) continue;
      reached.add(at);
      next.push(...(dependencies.get(at) ?? []));
      // A view's query hangs on its definition.
      if (at.startsWith('view:')) next.push(`view definition:${at.slice('view:'.length)}`);
    }
    return reached;
  };
  const results: Draft[] = [];
  const obstacles: UnsupportedObject[] = [];
  for (const [id, row] of byId) {
    if (!row.populated) continue;
    const reached = reach(id);
    const unpopulated = [...reached]
      .flatMap((at) => byId.get(at) ?? [])
      .filter(({ populated }) => !populated);
    const needs = [...reached].flatMap((at) => {
      const own = (parts.get(at) ?? []).filter(
        ({ kind }) => at !== id || kind === 'owner' || kind === 'privileges',
      );
      const other = byId.get(at);
      const refresh = other === undefined || at === id ? [] : [refreshId(other.oid)];
      return [...own.map((part) => part.id), ...refresh];
    });
    results.push(refreshDraft(row, needs));
    if (unpopulated.length > 0) obstacles.push(withoutSources(row, unpopulated));
  }
  return { drafts: results, unsupported: obstacles };
}

function withoutSources(row: ViewRow, unpopulated: readonly ViewRow[]): UnsupportedObject {
  const names = unpopulated.map(({ schema, name }) => displayQualified(schema, name)).sort();
  return unsupported(contentsIdentity(row), {
    obstacle:
      `whose query reads materialized views that are not filled: ${names.join(', ')} (REFRESH MATERIALIZED ` +
      'VIEW fills them)',
    objects: [refreshId(row.oid)],
  });
}

import { quoteIdentifier } from '../../postgres/identifiers.ts';
import type { Claims } from '../claims.ts';
import type { Dependency } from '../dependencies/dependencies.ts';
import type { Draft } from '../draft.ts';

/** `ALTER … DEPENDS ON EXTENSION` (dependencies of type `x`), appended to the statements of the objects that have it. */
export function withExtensionLinks(
  drafts: readonly Draft[],
  claims: Claims,
  dependencies: readonly Dependency[],
): readonly Draft[] {
  const links = new Map<string, string[]>();
  for (const { from, to, type } of dependencies) {
    if (type !== 'x') continue;
    const dependent = claims.claimantOf(from);
    const extension = claims.claimantOf(to);
    if (dependent === null || extension === null) continue;
    const alter = dependent.claim.commentOn ?? '';
    const statement = `ALTER ${alter} DEPENDS ON EXTENSION ${quoteIdentifier(extension.draft.name)};`;
    const { id } = dependent.draft;
    links.set(id, [...(links.get(id) ?? []), statement].sort());
  }
  if (links.size === 0) return drafts;
  return drafts.map((draft) => {
    const more = links.get(draft.id);
    if (more === undefined) return draft;
    const { sql } = draft;
    return {
      ...draft,
      sql: (isSeparate) => [typeof sql === 'string' ? sql : sql(isSeparate), ...more].join('\n'),
    };
  });
}

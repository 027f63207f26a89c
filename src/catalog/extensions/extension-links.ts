import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName, quoteIdentifier } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import type { Claims } from '../claims.ts';
import { address } from '../draft.ts';
import type { Draft } from '../draft.ts';

const sql = sqlFile(import.meta.url, './extension-links.sql');

interface LinkRow {
  readonly catalog: string;
  readonly oid: number;
  readonly extension: string;
  /** Schema, name and types of the arguments, of an aggregate. */
  readonly aggregate: readonly [schema: string, name: string, types: string] | null;
}

/** `ALTER … DEPENDS ON EXTENSION`, appended to the statements of the objects that have it. */
export async function readExtensionLinks(
  catalog: CatalogSession,
  claims: Claims,
): Promise<(drafts: readonly Draft[]) => readonly Draft[]> {
  const links = new Map<string, string[]>();
  for (const row of await catalog.rows<LinkRow>(sql)) {
    const dependent = claims.claimantOf(address(row.catalog, row.oid));
    if (dependent === null) continue;
    const alter = row.aggregate === null ? (dependent.claim.commentOn ?? '') : routineName(row.aggregate);
    const statement = `ALTER ${alter} DEPENDS ON EXTENSION ${quoteIdentifier(row.extension)};`;
    const { id } = dependent.draft;
    links.set(id, [...(links.get(id) ?? []), statement]);
  }
  const linked = (draft: Draft): Draft => {
    const more = links.get(draft.id);
    if (more === undefined) return draft;
    const { sql: definition } = draft;
    return {
      ...draft,
      sql: (isSeparate) =>
        [typeof definition === 'string' ? definition : definition(isSeparate), ...more].join('\n'),
    };
  };
  return (drafts) => (links.size === 0 ? drafts : drafts.map(linked));
}

function routineName([schema, name, types]: NonNullable<LinkRow['aggregate']>): string {
  return `ROUTINE ${qualifiedName(schema, name)}(${types})`;
}

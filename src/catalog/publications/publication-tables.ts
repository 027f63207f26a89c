import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName, quoteIdentifier } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayName, displayQualified } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';

const sql = sqlFile(import.meta.url, './publication-tables.sql');

interface PublicationTableRow {
  readonly oid: number;
  readonly publicationOid: number;
  readonly publication: string;
  readonly table: number;
  readonly schema: string;
  readonly name: string;
  /** Empty for all of them. */
  readonly columns: readonly string[];
  readonly condition: string | null;
  /** The table comes with an extension. */
  readonly ofExtension: boolean;
}

export async function readPublicationTables(catalog: CatalogSession): Promise<readonly Draft[]> {
  const rows = await catalog.rows<PublicationTableRow>(sql);
  return rows.map((row) => publicationTableDraft(row));
}

function publicationTableDraft(row: PublicationTableRow): Draft {
  const alter = `ALTER PUBLICATION ${quoteIdentifier(row.publication)}`;
  // ONLY: its children are members by themselves where they are.
  const table = `TABLE ONLY ${qualifiedName(row.schema, row.name)}`;
  const columns = row.columns.length === 0 ? '' : ` (${row.columns.map(quoteIdentifier).join(', ')})`;
  const condition = row.condition === null ? '' : ` WHERE (${row.condition})`;
  const identity = `table ${displayQualified(row.schema, row.name)} in publication ${displayName(row.publication)}`;
  const tableId = `table:${row.table}`;
  return draft({
    id: `publication table:${row.oid}`,
    kind: 'publication table',
    schema: row.schema,
    name: row.name,
    identity,
    section: 'post-data',
    sql: `${alter} ADD ${table}${columns}${condition};`,
    dropSql: `${alter} DROP ${table};`,
    partOf: row.ofExtension ? null : tableId,
    needs: [`publication:${row.publicationOid}`],
    claims: [claim(address('pg_publication_rel', row.oid), identity, null)],
    locks: [{ table: tableId, mode: 'exclusive' }],
    minServerMajor: columns === '' && condition === '' ? 0 : 15,
  });
}

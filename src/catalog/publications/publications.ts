import { sqlFile } from '../../lib/sql-file.ts';
import { quoteIdentifier } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayName } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';
import { readPublicationSchemas } from './publication-schemas.ts';
import { readPublicationTables } from './publication-tables.ts';

const sql = sqlFile(import.meta.url, './publications.sql');

interface PublicationRow {
  readonly oid: number;
  readonly name: string;
  readonly owner: string;
  readonly allTables: boolean;
  readonly insert: boolean;
  readonly update: boolean;
  readonly delete: boolean;
  readonly truncate: boolean;
  readonly viaRoot: boolean;
  readonly generatedColumns: boolean;
}

/** Publications, and each table and schema in one as an object of its own: it goes where its table or schema goes. */
export async function readPublications(catalog: CatalogSession): Promise<readonly Draft[]> {
  const [rows, tables, schemas] = await Promise.all([
    catalog.rows<PublicationRow>(sql),
    readPublicationTables(catalog),
    readPublicationSchemas(catalog),
  ]);
  return [...rows.map((row) => publicationDraft(row)), ...tables, ...schemas];
}

function publicationDraft(row: PublicationRow): Draft {
  const publication = `PUBLICATION ${quoteIdentifier(row.name)}`;
  const identity = `publication ${displayName(row.name)}`;
  const published = (['insert', 'update', 'delete', 'truncate'] as const).filter((action) => row[action]);
  const options = [
    `publish = '${published.join(', ')}'`,
    ...(row.viaRoot ? ['publish_via_partition_root = true'] : []),
    ...(row.generatedColumns ? ['publish_generated_columns = stored'] : []),
  ];
  return draft({
    id: `publication:${row.oid}`,
    kind: 'publication',
    name: row.name,
    identity,
    section: 'post-data',
    sql: `CREATE ${publication}${row.allTables ? ' FOR ALL TABLES' : ''} WITH (${options.join(', ')});`,
    dropSql: `DROP ${publication};`,
    claims: [claim(address('pg_publication', row.oid), identity, publication)],
    owner: { role: row.owner, alter: publication },
    minServerMajor: row.generatedColumns ? 18 : 0,
    superuser: row.allTables,
  });
}

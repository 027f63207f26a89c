import { sqlFile } from '../../lib/sql-file.ts';
import { quoteIdentifier } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayName } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';

const sql = sqlFile(import.meta.url, './publication-schemas.sql');

interface PublicationSchemaRow {
  readonly oid: number;
  readonly publicationOid: number;
  readonly publication: string;
  readonly schemaOid: number;
  readonly schema: string;
  /** The schema comes with an extension. */
  readonly ofExtension: boolean;
}

export async function readPublicationSchemas(catalog: CatalogSession): Promise<readonly Draft[]> {
  if (catalog.versionNum < 150_000) return [];
  const rows = await catalog.rows<PublicationSchemaRow>(sql);
  return rows.map((row) => publicationSchemaDraft(row));
}

function publicationSchemaDraft(row: PublicationSchemaRow): Draft {
  const alter = `ALTER PUBLICATION ${quoteIdentifier(row.publication)}`;
  const tables = `TABLES IN SCHEMA ${quoteIdentifier(row.schema)}`;
  const identity = `schema ${displayName(row.schema)} in publication ${displayName(row.publication)}`;
  return draft({
    id: `publication schema:${row.oid}`,
    kind: 'publication schema',
    schema: row.schema,
    name: row.schema,
    identity,
    section: 'post-data',
    sql: `${alter} ADD ${tables};`,
    dropSql: `${alter} DROP ${tables};`,
    partOf: row.ofExtension ? null : `schema:${row.schemaOid}`,
    needs: [`publication:${row.publicationOid}`],
    claims: [claim(address('pg_publication_namespace', row.oid), identity, null)],
    minServerMajor: 15,
    superuser: true,
  });
}

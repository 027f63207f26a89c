import { sqlFile } from '../../lib/sql-file.ts';
import { quoteIdentifier } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayName } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';
import { publicSchema } from './public-schema.ts';

const sql = sqlFile(import.meta.url, './schemas.sql');

interface SchemaRow {
  readonly oid: number;
  readonly name: string;
  readonly owner: string;
}

/** From 15 on a new database's public schema belongs to this role, whoever owns the database. */
const publicOwner = 'pg_database_owner';

export async function readSchemas(catalog: CatalogSession): Promise<readonly Draft[]> {
  const rows = await catalog.rows<SchemaRow>(sql);
  const hasPublicOwner = catalog.versionNum >= 150_000;
  return rows.map(({ oid, name, owner }) => {
    const quoted = quoteIdentifier(name);
    const identity = `schema ${displayName(name)}`;
    const given = name === publicSchema;
    return draft({
      id: `schema:${oid}`,
      kind: 'schema',
      schema: name,
      name,
      identity,
      section: 'pre-data',
      sql: given ? '' : `CREATE SCHEMA ${quoted};`,
      dropSql: given ? null : `DROP SCHEMA ${quoted};`,
      claims: [claim(address('pg_namespace', oid), identity, `SCHEMA ${quoted}`)],
      owner:
        given && owner === publicOwner
          ? null
          : {
              role: owner,
              alter: `SCHEMA ${quoted}`,
              ...(given && hasPublicOwner ? { reset: publicOwner } : {}),
            },
    });
  });
}

import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName, quoteIdentifier } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayQualified } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';
import { collateClause } from '../tables/columns.ts';
import type { ColumnsByRelation } from '../tables/columns.ts';

const sql = sqlFile(import.meta.url, './composite-types.sql');

interface CompositeRow {
  readonly oid: number;
  readonly relation: number;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
}

export async function readCompositeTypes(
  catalog: CatalogSession,
  columns: ColumnsByRelation,
): Promise<readonly Draft[]> {
  const rows = await catalog.rows<CompositeRow>(sql);
  return rows.map(({ oid, relation, schema, name, owner }) => {
    const quoted = qualifiedName(schema, name);
    const identity = `composite type ${displayQualified(schema, name)}`;
    const attributes = (columns.get(relation) ?? []).map(
      (column) => `\n  ${quoteIdentifier(column.name)} ${column.type}${collateClause(column)}`,
    );
    return draft({
      id: `composite type:${oid}`,
      kind: 'composite type',
      schema,
      name,
      identity,
      section: 'pre-data',
      sql: `CREATE TYPE ${quoted} AS (${attributes.join(',')}${attributes.length === 0 ? '' : '\n'});`,
      dropSql: `DROP TYPE ${quoted};`,
      claims: [
        claim(address('pg_type', oid), identity, `TYPE ${quoted}`),
        // Comments on its attributes are kept under the relation.
        claim(address('pg_class', relation), identity, null, quoted),
      ],
      owner: { role: owner, alter: `TYPE ${quoted}` },
    });
  });
}

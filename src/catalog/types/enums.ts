import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName, quoteLiteral } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayQualified } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';

const sql = sqlFile(import.meta.url, './enums.sql');

interface EnumRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  readonly labels: readonly string[];
}

export async function readEnums(catalog: CatalogSession): Promise<readonly Draft[]> {
  const rows = await catalog.rows<EnumRow>(sql);
  return rows.map(({ oid, schema, name, owner, labels }) => {
    const quoted = qualifiedName(schema, name);
    const identity = `enum ${displayQualified(schema, name)}`;
    const list = labels.map((label) => `\n  ${quoteLiteral(label)}`).join(',');
    return draft({
      id: `enum:${oid}`,
      kind: 'enum',
      schema,
      name,
      identity,
      section: 'pre-data',
      sql: `CREATE TYPE ${quoted} AS ENUM (${list}${labels.length === 0 ? '' : '\n'});`,
      dropSql: `DROP TYPE ${quoted};`,
      claims: [claim(address('pg_type', oid), identity, `TYPE ${quoted}`)],
      owner: { role: owner, alter: `TYPE ${quoted}` },
    });
  });
}

import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName, quoteLiteral } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayQualified } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';
import { quotePair } from '../name-pair.ts';
import type { NamePair } from '../name-pair.ts';

const sql = sqlFile(import.meta.url, './conversions.sql');

interface ConversionRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  readonly default: boolean;
  readonly from: string;
  readonly to: string;
  readonly function: NamePair;
}

export async function readConversions(catalog: CatalogSession): Promise<readonly Draft[]> {
  const rows = await catalog.rows<ConversionRow>(sql);
  return rows.map((row) => {
    const quoted = qualifiedName(row.schema, row.name);
    const identity = `conversion ${displayQualified(row.schema, row.name)}`;
    const encodings = `FOR ${quoteLiteral(row.from)} TO ${quoteLiteral(row.to)}`;
    return draft({
      id: `conversion:${row.oid}`,
      kind: 'conversion',
      schema: row.schema,
      name: row.name,
      identity,
      section: 'pre-data',
      sql: `CREATE ${row.default ? 'DEFAULT ' : ''}CONVERSION ${quoted} ${encodings} FROM ${quotePair(row.function)};`,
      dropSql: `DROP CONVERSION ${quoted};`,
      claims: [claim(address('pg_conversion', row.oid), identity, `CONVERSION ${quoted}`)],
      owner: { role: row.owner, alter: `CONVERSION ${quoted}` },
    });
  });
}

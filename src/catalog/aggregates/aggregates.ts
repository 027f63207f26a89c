import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayQualified, oneLine } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';
import { aggregateDefinition } from './aggregate-definition.ts';
import type { AggregateRow } from './aggregate-row.ts';

const sql = sqlFile(import.meta.url, './aggregates.sql');

export async function readAggregates(catalog: CatalogSession): Promise<readonly Draft[]> {
  const rows = await catalog.rows<AggregateRow>(sql);
  return rows.map((row) => {
    const types = row.argumentTypes === '' ? '*' : row.argumentTypes;
    const signature = `AGGREGATE ${qualifiedName(row.schema, row.name)}(${types})`;
    const identity = `aggregate ${displayQualified(row.schema, row.name)}(${oneLine(types)})`;
    return draft({
      id: `aggregate:${row.oid}`,
      kind: 'aggregate',
      schema: row.schema,
      name: row.name,
      identity,
      section: 'pre-data',
      sql: aggregateDefinition(row),
      dropSql: `DROP ${signature};`,
      claims: [claim(address('pg_proc', row.oid), identity, signature)],
      owner: { role: row.owner, alter: signature },
      superuser: row.superuser,
    });
  });
}

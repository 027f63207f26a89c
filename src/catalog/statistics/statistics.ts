import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayQualified } from '../display-name.ts';
import { address, claim, draft, relationId } from '../draft.ts';
import type { Draft } from '../draft.ts';

const sql = sqlFile(import.meta.url, './statistics.sql');

interface StatisticsRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  readonly relkind: string;
  readonly table: number;
  readonly definition: string;
  /** As ALTER STATISTICS … SET STATISTICS has set it. */
  readonly target: number | null;
  readonly expressions: boolean;
}

/** Extended statistics: what ANALYZE shall look at together. The numbers themselves are gathered anew. */
export async function readStatistics(catalog: CatalogSession): Promise<readonly Draft[]> {
  const rows = await catalog.rows<StatisticsRow>(sql);
  return rows.map((row) => {
    const signature = `STATISTICS ${qualifiedName(row.schema, row.name)}`;
    const identity = `statistics ${displayQualified(row.schema, row.name)}`;
    const table = relationId(row.relkind, row.table);
    const target = row.target === null ? [] : [`ALTER ${signature} SET STATISTICS ${row.target};`];
    return draft({
      id: `statistics:${row.oid}`,
      kind: 'statistics',
      schema: row.schema,
      name: row.name,
      identity,
      section: 'post-data',
      sql: [`${row.definition};`, ...target].join('\n'),
      dropSql: `DROP ${signature};`,
      partOf: table,
      needs: [table],
      claims: [claim(address('pg_statistic_ext', row.oid), identity, signature)],
      owner: { role: row.owner, alter: signature },
      // The lock of CREATE STATISTICS keeps out itself, and CREATE INDEX.
      locks: [{ table, mode: 'exclusive' }],
      minServerMajor: row.expressions ? 14 : 0,
    });
  });
}

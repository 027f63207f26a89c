import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName, quoteIdentifier } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { groupBy } from '../group-by.ts';

const sql = sqlFile(import.meta.url, './index-settings.sql');

interface StatisticsRow {
  readonly index: number;
  readonly number: number;
  readonly statistics: number;
}

/** Statistics targets by OID of the index. */
export type IndexSettings = ReadonlyMap<number, readonly StatisticsRow[]>;

export async function readIndexSettings(catalog: CatalogSession): Promise<IndexSettings> {
  return groupBy(await catalog.rows<StatisticsRow>(sql), (row) => row.index);
}

export interface IndexPlace {
  readonly index: number;
  readonly schema: string;
  readonly name: string;
  /** Quoted. */
  readonly table: string;
  readonly clustered: boolean;
  readonly replicaIdentity: boolean;
}

/** Properties of an index that are neither in `pg_get_indexdef` nor in a constraint's definition. */
export function indexSettings(place: IndexPlace, settings: IndexSettings): string[] {
  const name = quoteIdentifier(place.name);
  const statements = (settings.get(place.index) ?? []).map(
    ({ number, statistics }) =>
      `ALTER INDEX ${qualifiedName(place.schema, place.name)} ALTER COLUMN ${number} SET STATISTICS ${statistics};`,
  );
  if (place.clustered) statements.push(`ALTER TABLE ${place.table} CLUSTER ON ${name};`);
  if (place.replicaIdentity) {
    statements.push(`ALTER TABLE ONLY ${place.table} REPLICA IDENTITY USING INDEX ${name};`);
  }
  return statements;
}

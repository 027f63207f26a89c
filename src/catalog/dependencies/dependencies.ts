import { sqlFile } from '../../lib/sql-file.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { address } from '../draft.ts';
import type { Address } from '../draft.ts';

const sql = sqlFile(import.meta.url, './dependencies.sql');

interface DependencyRow {
  readonly catalog: string;
  readonly oid: number;
  readonly type: string;
  readonly referencedCatalog: string;
  readonly referencedOid: number;
}

/** A row of `pg_depend`: `from` needs `to`. */
export interface Dependency {
  readonly from: Address;
  readonly to: Address;
  /** `n` normal, `a` auto, `i` internal, `P`/`S` partition, `e` member of an extension, `x` dropped with one. */
  readonly type: string;
}

export async function readDependencies(catalog: CatalogSession): Promise<readonly Dependency[]> {
  const rows = await catalog.rows<DependencyRow>(sql);
  return rows.map((row) => ({
    from: address(row.catalog, row.oid),
    to: address(row.referencedCatalog, row.referencedOid),
    type: row.type,
  }));
}

import { sqlFile } from '../../lib/sql-file.ts';
import type { CatalogSession } from '../catalog-session.ts';

const sql = sqlFile(import.meta.url, './tables.sql');

export interface TableRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** `r` table, `p` partitioned table. */
  readonly relkind: string;
  readonly owner: string;
  /** `p` permanent, `u` unlogged. */
  readonly persistence: string;
  /** `d` default, `n` nothing, `f` full, `i` an index. */
  readonly replicaIdentity: string;
  readonly rowSecurity: boolean;
  readonly forceRowSecurity: boolean;
  readonly options: readonly string[] | null;
  readonly toastOptions: readonly string[] | null;
  readonly partition: boolean;
  readonly partitionKey: string | null;
  readonly bound: string | null;
  readonly parents: readonly number[];
  readonly detachPending: boolean;
  readonly hashesByOid: boolean;
  readonly rowsEstimated: number;
  readonly bytes: number;
  readonly ofType: string | null;
  /** Null for heap. */
  readonly accessMethod: string | null;
  /** Null for the database's own. */
  readonly tablespace: string | null;
}

export function readTableRows(catalog: CatalogSession): Promise<readonly TableRow[]> {
  return catalog.rows<TableRow>(sql);
}

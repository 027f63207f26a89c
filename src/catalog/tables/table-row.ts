import { sqlFile } from '../../lib/sql-file.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { placed } from '../storage-options.ts';

const sql = sqlFile(import.meta.url, './tables.sql');

export interface TableRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** `r` table, `p` partitioned table, `f` foreign table. */
  readonly relkind: 'r' | 'p' | 'f';
  /** OID. */
  readonly rowType: number;
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
  /** Of a partition the one it is part of, else those it inherits from, in their order. */
  readonly parents: readonly number[];
  readonly detachPending: boolean;
  readonly hashesByOid: boolean;
  readonly rowsEstimated: number;
  readonly bytes: number;
  readonly ofType: string | null;
  /** Null for heap; of a partitioned table: null for none. */
  readonly accessMethod: string | null;
  /** Null for the database's own. */
  readonly tablespace: string | null;
  /** Its row type is the type of columns elsewhere. */
  readonly rowsAreValues: boolean;
  /** An extension makes it; here only because others inherit from it or are part of it. */
  readonly member: boolean;
  /** Of a foreign table. */
  readonly server: string | null;
  readonly foreignOptions: readonly string[] | null;
}

export async function readTableRows(
  catalog: CatalogSession,
  tablespaces: boolean,
): Promise<readonly TableRow[]> {
  return placed(await catalog.rows<TableRow>(sql), tablespaces);
}

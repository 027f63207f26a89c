import { sqlForServer } from '../../catalog/sql-for-server.ts';
import { sqlFile } from '../../lib/sql-file.ts';
import type { MaskedColumn } from '../../masks/mask-sql.ts';
import type { CallOptions, Queryable } from '../../postgres/session.ts';

const traitsSql = sqlFile(import.meta.url, './traits.sql');

export interface ColumnTraits extends MaskedColumn {
  readonly domain: boolean;
  readonly identity: boolean;
  readonly comment: string | null;
  /** Expression of a generated column, and the columns that it reads. */
  readonly generated: string | null;
  readonly from: readonly string[];
}

/** A unique index or an exclusion constraint. */
export interface UniqueTraits {
  readonly name: string;
  readonly exclusion: boolean;
  readonly columns: readonly string[];
  /** Some of its keys are expressions. */
  readonly expressions: boolean;
  readonly keys: readonly string[];
  readonly predicate: string | null;
  readonly nullsEqual: boolean;
}

export interface CheckTraits {
  readonly name: string;
  readonly columns: readonly string[];
  readonly expression: string;
}

/** A table of its own rows, or the root of a tree of partitions. */
export interface TableTraits {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly partitioned: boolean;
  readonly comment: string | null;
  /** Tables that it is a partition of or inherits from, all the way up. */
  readonly ancestors: readonly string[];
  /** Columns that decide in which partition a row lies. */
  readonly partitionKey: readonly string[];
  readonly columns: readonly ColumnTraits[];
  readonly uniques: readonly UniqueTraits[];
  readonly checks: readonly CheckTraits[];
}

interface TraitsRow extends Omit<TableTraits, 'columns' | 'uniques' | 'checks'> {
  readonly columns: TableTraits['columns'] | null;
  readonly uniques: TableTraits['uniques'] | null;
  readonly checks: TableTraits['checks'] | null;
}

/** Of every table of the database, in the session's snapshot. */
export async function readTraits(
  session: Queryable,
  versionNum: number,
  options: CallOptions,
): Promise<readonly TableTraits[]> {
  const rows = await session.query<TraitsRow>(sqlForServer(traitsSql, versionNum), [], options);
  return rows.map(({ columns, uniques, checks, ...row }) => ({
    ...row,
    columns: columns ?? [],
    uniques: uniques ?? [],
    checks: checks ?? [],
  }));
}

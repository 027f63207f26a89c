import type { Queryable } from '../postgres/session.ts';
import { sqlForServer } from './sql-for-server.ts';

/** What a reader of one kind needs: rows of a catalog query, with the lines of its SQL that this server knows. */
export interface CatalogSession {
  readonly versionNum: number;
  rows<Row>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

export function catalogSession(
  session: Queryable,
  versionNum: number,
  signal: AbortSignal | undefined,
): CatalogSession {
  return {
    versionNum,
    rows: async <Row>(sql: string, values: readonly unknown[] = []) => {
      signal?.throwIfAborted();
      return session.query<Row>(sqlForServer(sql, versionNum), values, { signal });
    },
  };
}

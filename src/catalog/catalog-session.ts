import type { Queryable } from '../postgres/session.ts';
import { nothingWithout, presenceSql } from './presence/presence.ts';
import { sqlForServer } from './sql-for-server.ts';

/** What a reader of one kind needs: rows of a catalog query, with the lines of its SQL that this server knows. */
export interface CatalogSession {
  readonly versionNum: number;
  /** Returns no rows, without a query, for a kind that the database does not have (presence.sql). */
  rows<Row>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

/** For one reading of the catalogue, so that the kinds present are looked up once. */
export function catalogSession(
  session: Queryable,
  versionNum: number,
  signal: AbortSignal | undefined,
): CatalogSession {
  const ask = async <Row>(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> => {
    signal?.throwIfAborted();
    return session.query<Row>(sqlForServer(sql, versionNum), values, { signal });
  };
  let present: ReadonlySet<string> | null = null;
  return {
    versionNum,
    rows: async <Row>(sql: string, values?: readonly unknown[]) => {
      const kind = nothingWithout(sql);
      if (kind === null) return ask<Row>(sql, values);
      present ??= new Set((await ask<{ name: string }>(presenceSql)).map(({ name }) => name));
      return present.has(kind) ? ask<Row>(sql, values) : [];
    },
  };
}

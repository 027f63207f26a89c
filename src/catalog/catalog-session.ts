import type { PipelineQueryable } from '../postgres/session.ts';
import { Together } from '../postgres/together.ts';
import { nothingWithout, presenceSql } from './presence/presence.ts';
import { sqlForServer } from './sql-for-server.ts';

/** What a reader of one kind needs: rows of a catalog query, with the lines of its SQL that this server knows. */
export interface CatalogSession {
  readonly versionNum: number;
  /** Returns no rows, without a query, for a kind that the database does not have (presence.sql). */
  rows<Row>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

/** Its owner's end of it. */
export interface OpenCatalogSession extends CatalogSession {
  /** Gives up what is not asked yet, and waits for what is: the session is free again then. */
  close(): Promise<void>;
}

/**
 * For one reading: what is there is looked up once. Readers that do not wait for each other cost one round trip
 * (`Together`).
 */
export function catalogSession(
  session: PipelineQueryable,
  versionNum: number,
  signal: AbortSignal | undefined,
): OpenCatalogSession {
  const together = new Together(session, signal);
  const ask = <Row>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]> =>
    together.query<Row>(sqlForServer(sql, versionNum), values);

  let present: Promise<ReadonlySet<string>> | null = null;
  const look = async (): Promise<ReadonlySet<string>> =>
    new Set((await ask<{ name: string }>(presenceSql)).map(({ name }) => name));

  return {
    versionNum,
    rows: async <Row>(sql: string, values?: readonly unknown[]) => {
      const kind = nothingWithout(sql);
      if (kind === null) return ask<Row>(sql, values);
      present ??= look();
      return (await present).has(kind) ? ask<Row>(sql, values) : [];
    },
    close: () => together.close(),
  };
}

import { Client } from 'pg';
import type { QueryResult } from 'pg';

type Rows = Record<string, unknown>[];

/** Test servers lose nothing that matters when the machine dies. */
export const fastSettings: Readonly<Record<string, string>> = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '200',
};

/** One statement, or several without values, on a connection of its own. */
export async function queryOnce(url: string, sql: string, values: readonly unknown[] = []): Promise<Rows> {
  const client = new Client({ connectionString: url, application_name: 'test support' });
  // A connection that breaks says so twice: by the rejected call and by this event.
  client.on('error', () => {});
  await client.connect();
  try {
    const result = values.length === 0 ? await client.query(sql) : await client.query(sql, [...values]);
    // Several statements answer with an array of results; the last one is what the caller asks for.
    const last = Array.isArray(result) ? (result as QueryResult[]).at(-1) : result;
    return (last?.rows ?? []) as Rows;
  } finally {
    await client.end();
  }
}

/** A database with subscriptions cannot be dropped. What a publisher keeps for them stays with it. */
export async function dropSubscriptions(server: string, url: string, database: string): Promise<void> {
  const rows = await queryOnce(
    server,
    `SELECT pg_catalog.quote_ident(s.subname) AS name FROM pg_catalog.pg_subscription AS s
     JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid WHERE d.datname = $1`,
    [database],
  );
  for (const { name } of rows) {
    const subscription = `SUBSCRIPTION ${String(name)}`;
    await queryOnce(
      url,
      `ALTER ${subscription} DISABLE; ALTER ${subscription} SET (slot_name = NONE); DROP ${subscription}`,
    );
  }
}

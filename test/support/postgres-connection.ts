import { Client } from 'pg';
import type { QueryResult } from 'pg';

type Rows = Record<string, unknown>[];

/**
 * Test servers lose nothing that matters when the machine dies, and most of what they do is to plan a catalog query
 * that they see once, for a handful of rows: they take joins as they are written. What a plan costs is the benchmark's
 * matter. No database lives long enough to be vacuumed.
 */
export const fastSettings: Readonly<Record<string, string>> = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '200',
  join_collapse_limit: '1',
  from_collapse_limit: '1',
  enable_mergejoin: 'off',
  autovacuum: 'off',
};

/** One statement, or several without values, on a connection of its own. */
export function queryOnce(url: string, sql: string, values: readonly unknown[] = []): Promise<Rows> {
  return onConnection(url, (client) => rowsOf(client, sql, values));
}

async function rowsOf(client: Client, sql: string, values: readonly unknown[]): Promise<Rows> {
  const result = values.length === 0 ? await client.query(sql) : await client.query(sql, [...values]);
  // Several statements answer with an array of results; the last one is what the caller asks for.
  const last = Array.isArray(result) ? (result as QueryResult[]).at(-1) : result;
  return (last?.rows ?? []) as Rows;
}

/** A connection that stays until it is closed, and is made again when it was lost: one question after the other. */
export class LastingConnection {
  #client: Promise<Client> | null = null;
  #last: Promise<unknown> = Promise.resolve();

  query(url: string, sql: string, values: readonly unknown[] = []): Promise<Rows> {
    const ask = async (): Promise<Rows> => rowsOf(await (this.#client ??= this.#open(url)), sql, values);
    const answer = this.#last.then(ask, ask);
    this.#last = answer;
    return answer;
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#last]);
    const client = this.#client;
    this.#client = null;
    await (await client)?.end();
  }

  #open(url: string): Promise<Client> {
    const client = new Client({ connectionString: url, application_name: 'test support' });
    const opened = client.connect().then(() => client);
    const forget = (): void => {
      if (this.#client === opened) this.#client = null;
    };
    client.on('error', forget).on('end', forget);
    opened.catch(forget);
    return opened;
  }
}

/**
 * An empty database, or the copy of one that nobody is connected to. Its files are copied: since 15 a server writes
 * each page of a new database to its log as well unless told otherwise, which costs twice the time.
 */
export async function createDatabase(
  url: string,
  name: string,
  template = 'template0',
  query: typeof queryOnce = queryOnce,
): Promise<void> {
  const [version] = await query(url, "SELECT current_setting('server_version_num')::int / 10000 AS major");
  const strategy = Number(version?.['major']) >= 15 ? 'STRATEGY file_copy' : '';
  await query(url, `CREATE DATABASE "${name}" TEMPLATE "${template}" ${strategy}`);
}

async function onConnection<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, application_name: 'test support' });
  // A connection that breaks says so twice: by the rejected call and by this event.
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** A database with subscriptions cannot be dropped. What a publisher keeps for them stays with it. */
export async function dropSubscriptions(
  server: string,
  url: string,
  database: string,
  query: typeof queryOnce = queryOnce,
): Promise<void> {
  const rows = await query(
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

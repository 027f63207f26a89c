import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { inject } from 'vitest';
import { startPostgres } from '../../src/embedded/start-postgres.ts';
import type { RunningPostgres } from '../../src/embedded/start-postgres.ts';
import {
  createDatabase,
  dropSubscriptions,
  fastSettings,
  LastingConnection,
  queryOnce,
} from './postgres-connection.ts';
import { serverDirectory } from './scratch.ts';

export interface TestDatabase {
  /** `postgresql://…` as superuser. */
  readonly url: string;
  readonly name: string;
  /** A connection per call: nothing stays open between calls. */
  query<Row = Record<string, unknown>>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  drop(): Promise<void>;
}

export interface TestRoleOptions {
  /** `CREATE ROLE` options, such as `CREATEDB` or `BYPASSRLS`; an ordinary login role when empty. */
  readonly attributes?: string;
}

export interface TestRole {
  readonly name: string;
  readonly password: string;
}

export interface PrivatePostgres {
  readonly url: string;
  readonly port: number;
  readonly directory: string;
  urlOf(database: string): string;
  /** `kill -9` of every process of the server. */
  kill(): Promise<void>;
  /** Starts again on the same port and data, after `kill` or `stop`. */
  restart(): Promise<void>;
  /**
   * Another server with the same data and identifier, as from a snapshot of this one's disk; `standby` takes no
   * writes.
   */
  clone(options?: { readonly standby?: boolean }): Promise<PrivatePostgres>;
  stop(): Promise<void>;
}

const databases = new Set<string>();
const roles = new Set<string>();
const endings: (() => Promise<void>)[] = [];
const leakPatienceMs = 5_000;
const maintenance = new LastingConnection();

/** A database of the shared server. */
export function serverUrl(database = 'postgres'): string {
  const url = new URL(inject('postgresUrl'));
  url.pathname = `/${encodeURIComponent(database)}`;
  return url.href;
}

/** What is asked of the shared server as a whole, on one connection for the whole file. */
export function queryServer(
  sql: string,
  values: readonly unknown[] = [],
): Promise<Record<string, unknown>[]> {
  return maintenance.query(serverUrl(), sql, values);
}

/** Closes that connection until it is needed again. */
export const leaveServer = (): Promise<void> => maintenance.close();

const onServer = (
  _url: string,
  sql: string,
  values?: readonly unknown[],
): Promise<Record<string, unknown>[]> => queryServer(sql, values);

/**
 * A fresh database on the shared server: empty, or the copy of one that nobody is connected to. It goes when the file
 * ends, unless a test of it failed.
 */
export async function testDatabase(name = 'db', template = 'template0'): Promise<TestDatabase> {
  const database = `t_${name}_${randomBytes(5).toString('hex')}`;
  await createDatabase(serverUrl(), database, template, onServer);
  databases.add(database);
  const url = serverUrl(database);
  return {
    url,
    name: database,
    query: <Row>(sql: string, values?: readonly unknown[]) => queryOnce(url, sql, values) as Promise<Row[]>,
    drop: () => dropDatabase(database),
  };
}

/** A login role of the shared server, gone when the file ends. */
export async function testRole(options: TestRoleOptions = {}): Promise<TestRole> {
  const name = `t_role_${randomBytes(5).toString('hex')}`;
  const password = randomBytes(12).toString('hex');
  await queryServer(`CREATE ROLE "${name}" LOGIN ${options.attributes ?? ''} PASSWORD '${password}'`);
  roles.add(name);
  return { name, password };
}

/** A server of the test's own: to kill, to fill, or with other settings or binaries. Stopped when the file ends. */
export async function privatePostgres(
  settings: Readonly<Record<string, string>> = {},
  binaries?: string,
): Promise<PrivatePostgres> {
  return privatePostgresIn(await serverDirectory('postgres'), settings, binaries);
}

async function privatePostgresIn(
  directory: string,
  settings: Readonly<Record<string, string>>,
  binaries?: string,
): Promise<PrivatePostgres> {
  const start = (port?: number): Promise<RunningPostgres> =>
    startPostgres({ directory, port, binaries, settings: { ...fastSettings, ...settings } });
  let server = await start();
  const { port } = server;
  const handle: PrivatePostgres = {
    url: server.url(),
    port,
    directory,
    urlOf: (database) => server.url(database),
    kill: () => server.kill(),
    restart: async () => {
      await server.stop();
      server = await start(port);
    },
    clone: async ({ standby = false } = {}) => {
      await server.stop();
      const copy = await serverDirectory('postgres');
      // With its owners.
      await promisify(execFile)('cp', ['-a', `${directory}/.`, copy]);
      if (standby) await writeFile(join(copy, 'data', 'standby.signal'), '');
      server = await start(port);
      return privatePostgresIn(copy, settings, binaries);
    },
    stop: async () => {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
  atFileEnd(() => handle.stop());
  return handle;
}

/** Runs when the file ends, last registered first. It may have run before: it must bear a second call. */
export function atFileEnd(end: () => Promise<void>): void {
  endings.push(end);
}

/**
 * Ends the file: fails when the code under test left sessions open, then drops what the file made. With `keep` the
 * databases stay, and their names are printed.
 */
export async function dropTestObjects(options: { readonly keep: boolean }): Promise<void> {
  try {
    await dropObjects(options);
  } finally {
    await maintenance.close();
  }
}

async function dropObjects(options: { readonly keep: boolean }): Promise<void> {
  for (let end = endings.pop(); end !== undefined; end = endings.pop()) await end();
  if (options.keep) {
    if (databases.size > 0) console.error(`Kept for a look: ${[...databases].join(', ')}`);
    databases.clear();
    roles.clear();
    return;
  }
  const leaks = await leakedSessions();
  for (const database of databases) await dropDatabase(database);
  for (const role of roles) await queryServer(`DROP OWNED BY "${role}"; DROP ROLE "${role}"`);
  roles.clear();
  if (leaks.length > 0) throw new Error(`Sessions left open on test databases: ${leaks.join('; ')}`);
}

/** Sessions of the service that outlive the tests; closing takes a moment, so it looks again for a while. */
async function leakedSessions(): Promise<string[]> {
  if (databases.size === 0) return [];
  const deadline = Date.now() + leakPatienceMs;
  for (;;) {
    const rows = await queryServer(
      `SELECT datname || ': ' || application_name AS session FROM pg_stat_activity
       WHERE datname = ANY ($1) AND backend_type = 'client backend' AND application_name LIKE 'multiboard-sync%'`,
      [[...databases]],
    );
    if (rows.length === 0 || Date.now() > deadline) return rows.map((row) => String(row['session']));
    await delay(100);
  }
}

async function dropDatabase(database: string): Promise<void> {
  databases.delete(database);
  await dropSubscriptions(serverUrl(), serverUrl(database), database, onServer);
  await queryServer(`DROP DATABASE IF EXISTS "${database}" WITH (FORCE)`);
}

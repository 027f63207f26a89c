import { createCatalogue } from '../demo/catalogue/create-catalogue.ts';
import type { RunningPostgres } from '../embedded/start-postgres.ts';
import { parseDatabaseUrl } from '../environments/database-url.ts';
import { sqlFile } from '../lib/sql-file.ts';
import { Database } from '../postgres/database.ts';
import { quoteIdentifier } from '../postgres/identifiers.ts';
import type { Session } from '../postgres/session.ts';

/** `bytes`: about as large as the database becomes. */
type Fill = (session: Session, bytes: number, end: 'source' | 'old') => Promise<unknown>;

const scripted =
  (sql: string, rowBytes: number): Fill =>
  (session, bytes) =>
    session.execute(sql.replaceAll('$1', String(Math.max(1, Math.round(bytes / rowBytes)))));

export const dataSets: Readonly<Record<string, Fill>> = {
  /** Wide and narrow tables, jsonb, arrays, generated columns, many indexes and foreign keys. */
  mixed: (session, bytes, end) =>
    createCatalogue(
      { query: (text) => session.query(text) },
      {
        variant: end === 'source' ? 'staging' : 'production',
        parts: Math.max(100, Math.round(bytes / 1_570)),
      },
    ),
  small: scripted(sqlFile(import.meta.url, './data/small.sql'), 90_000),
  big: scripted(sqlFile(import.meta.url, './data/big.sql'), 320),
  wide: scripted(sqlFile(import.meta.url, './data/wide.sql'), 6_500_000),
};

/** The server of a benchmark, as its administrator. */
export class BenchServer {
  readonly #postgres: RunningPostgres;
  readonly #signal: AbortSignal;

  constructor(postgres: RunningPostgres, signal: AbortSignal) {
    this.#postgres = postgres;
    this.#signal = signal;
  }

  get pid(): number {
    return this.#postgres.pid;
  }

  /** A secret: it holds the password. The server speaks no TLS. */
  url(database: string): string {
    return `${this.#postgres.url(database)}?sslmode=disable`;
  }

  /** Drops what runs have kept of a target. */
  async dropKept(target: string): Promise<void> {
    await this.#on('postgres', async (session) => {
      const kept = await session.query<{ name: string }>(
        `SELECT d.datname AS name FROM pg_catalog.pg_database AS d WHERE pg_catalog.starts_with(d.datname, $1)`,
        [`${target}_`],
      );
      for (const { name } of kept) await session.execute(dropSql(name));
    });
  }

  /** Makes a database anew, of another one. */
  async create(name: string, template: string): Promise<void> {
    const encoding = template === 'template0' ? ` ENCODING 'UTF8'` : '';
    await this.#on('postgres', async (session) => {
      await session.execute(dropSql(name));
      await session.execute(
        `CREATE DATABASE ${quoteIdentifier(name)} TEMPLATE ${quoteIdentifier(template)}${encoding}`,
      );
      await session.execute('CHECKPOINT');
    });
  }

  async fill(name: string, fill: Fill, bytes: number, end: 'source' | 'old'): Promise<void> {
    await this.create(name, 'template0');
    await this.#on(name, async (session) => {
      await fill(session, bytes, end);
      await session.execute('VACUUM ANALYZE');
    });
  }

  async #on(database: string, work: (session: Session) => Promise<unknown>): Promise<void> {
    await using opened = new Database({
      url: parseDatabaseUrl('The benchmark’s address', this.url(database)),
      side: 'target',
      access: 'maintenance',
      applicationName: 'multiboard-sync bench',
      connectionsMax: 1,
    });
    await opened.withSession(work, this.#signal);
  }
}

function dropSql(database: string): string {
  return `DROP DATABASE IF EXISTS ${quoteIdentifier(database)} WITH (FORCE)`;
}

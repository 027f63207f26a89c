import { inspect } from 'node:util';
import { SyncError } from '../errors/sync-error.ts';
import { Secret } from '../lib/secret.ts';

/** libpq's TLS modes (PostgreSQL manual, "SSL Support", table of sslmode values). */
export const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export type SslMode = (typeof sslModes)[number];

export interface DatabaseUrlParts {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: Secret | null;
  readonly database: string;
  readonly sslMode: SslMode;
  /** Path of a CA file, from the configuration only. */
  readonly sslRootCert: string | null;
  readonly connectTimeoutSeconds: number;
  /** Prisma's `pgbouncer=true`: the URL says itself that a transaction pooler answers. */
  readonly saysPooler: boolean;
  /** Prisma's `schema` parameter. */
  readonly schema: string | null;
}

/** Where a database is and how to get in. Prints without its password, whatever prints it. */
export class DatabaseUrl {
  readonly parts: DatabaseUrlParts;

  constructor(parts: DatabaseUrlParts) {
    this.parts = parts;
  }

  /** The same server and role, another database. */
  withDatabase(database: string): DatabaseUrl {
    return new DatabaseUrl({ ...this.parts, database });
  }

  /** `user@host:port/database`, safe to show. */
  toString(): string {
    const { user, host, port, database } = this.parts;
    return `${user}@${host}:${port}/${database}`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/**
 * Reads a `postgresql://` address with Prisma's and libpq's parameters. Throws CONFIG_INVALID naming the setting and
 * the fault, never the address itself (it holds the password).
 */
export function parseDatabaseUrl(setting: string, text: string): DatabaseUrl {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new SyncError(
      'CONFIG_INVALID',
      `${setting} is not a database address (postgresql://user:password@host:5432/database).`,
    );
  }
  if (url.protocol !== 'postgresql:' && url.protocol !== 'postgres:') {
    throw new SyncError('CONFIG_INVALID', `${setting} must start with postgresql://.`);
  }
  const parameter = (name: string): string | null => url.searchParams.get(name);
  const sslMode = parameter('sslmode') ?? 'prefer';
  const known = sslModes.find((mode) => mode === sslMode);
  if (known === undefined) {
    throw new SyncError(
      'CONFIG_INVALID',
      `${setting} has an unknown sslmode; it must be one of ${sslModes.join(', ')}.`,
    );
  }
  const database = decodeURIComponent(url.pathname.slice(1));
  if (database === '') throw new SyncError('CONFIG_INVALID', `${setting} names no database.`);
  return new DatabaseUrl({
    host: parameter('host') ?? decodeURIComponent(url.hostname),
    port: url.port === '' ? 5432 : Number(url.port),
    user: decodeURIComponent(url.username),
    password: url.password === '' ? null : new Secret(decodeURIComponent(url.password)),
    database,
    sslMode: known,
    sslRootCert: parameter('sslrootcert'),
    connectTimeoutSeconds: Number(parameter('connect_timeout') ?? 10),
    saysPooler: parameter('pgbouncer') === 'true',
    schema: parameter('schema'),
  });
}

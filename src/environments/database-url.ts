import { userInfo } from 'node:os';
import { inspect } from 'node:util';
import { SyncError } from '../errors/sync-error.ts';
import { nearest } from '../lib/nearest.ts';
import { connectTimeoutSecondsDefault } from '../lib/network/open-socket.ts';
import { Secret } from '../lib/secret.ts';
import { splitUrl, UrlFault } from './split-url.ts';
import { tlsParameters } from './tls-parameters.ts';
import type { TlsParameters } from './tls-parameters.ts';

const channelBindings = ['disable', 'prefer', 'require'] as const;

export interface DatabaseUrlParts extends TlsParameters {
  /** A name, an address (IPv6 without brackets), or the folder of a Unix socket, which starts with `/`. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: Secret | null;
  readonly database: string;
  readonly connectTimeoutSeconds: number;
  /** Prisma's `connection_limit`: told in a plan that opens more, and binds nothing. */
  readonly connectionLimit: number | null;
  /** Prisma's `pgbouncer=true`: the URL says itself that a transaction pooler answers. Only a try shows it. */
  readonly saysPooler: boolean;
  /** Prisma's `schema` parameter. */
  readonly schema: string | null;
  /** libpq's `options`, sent when a session starts (`-c name=value`, or a provider's `endpoint=…`). */
  readonly options: string | null;
  /**
   * Bind SCRAM to the TLS channel where the server offers it (`prefer`), or do not log in without (`require`). Off
   * when not said: pg cannot bind to every kind of certificate.
   */
  readonly channelBinding: (typeof channelBindings)[number];
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
    return `${user}@${host.includes(':') ? `[${host}]` : host}:${port}/${database}`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** Parameters with an effect (`docs/configuration.md` says which). */
const usedParameters = [
  'channel_binding',
  'connect_timeout',
  'connection_limit',
  'dbname',
  'host',
  'options',
  'password',
  'pgbouncer',
  'port',
  'schema',
  'sslaccept',
  'sslcert',
  'sslkey',
  'sslmode',
  'sslrootcert',
  'user',
] as const;

/** Parameters about pools, names and keepalives, which this program sets itself: read past. */
const passedOver = [
  'application_name',
  'client_encoding',
  'fallback_application_name',
  'keepalives',
  'keepalives_count',
  'keepalives_idle',
  'keepalives_interval',
  'max_connection_lifetime',
  'max_idle_connection_lifetime',
  'pool_timeout',
  'single_use_connections',
  'socket_timeout',
  'statement_cache_size',
  'supa',
  'tcp_user_timeout',
  'uselibpqcompat',
  'workaround',
] as const;

/** Every parameter an address may carry, for the documentation's test. */
export const databaseUrlParameters: readonly string[] = [...usedParameters, ...passedOver];

/** What holds where an address does not say it. */
export interface UrlDefaults {
  readonly connectTimeoutSeconds?: number | undefined;
}

/**
 * Reads a `postgresql://` address with Prisma's and libpq's parameters. An unknown parameter is refused by name: it may
 * be what keeps the connection safe. Throws CONFIG_INVALID naming the setting and the fault, never the address itself
 * or a value in it (it holds the password).
 */
export function parseDatabaseUrl(
  setting: string,
  text: string,
  { connectTimeoutSeconds = connectTimeoutSecondsDefault }: UrlDefaults = {},
): DatabaseUrl {
  try {
    return new DatabaseUrl(readParts(text, connectTimeoutSeconds));
  } catch (error) {
    if (!(error instanceof UrlFault)) throw error;
    throw new SyncError('CONFIG_INVALID', `${setting} ${error.message}.`);
  }
}

function readParts(text: string, connectTimeoutSeconds: number): DatabaseUrlParts {
  const split = splitUrl(text);
  for (const [name] of split.parameters) {
    if (!databaseUrlParameters.includes(name)) {
      const close = nearest(name, databaseUrlParameters);
      const remedy = close === null ? 'remove it' : `did you mean ${close}?`;
      throw new UrlFault(
        split.namesMayBeShown
          ? `has a parameter this program does not know: ${name} (${remedy})`
          : 'has a parameter this program does not know, or an unencoded ? in its password (write ? as %3F)',
      );
    }
  }
  const given = new Map(split.parameters);
  const parameter = (name: (typeof usedParameters)[number]): string | null => given.get(name) ?? null;

  const database = parameter('dbname') ?? split.database;
  if (database === '')
    throw new UrlFault('names no database (postgresql://user:password@host:5432/database)');
  if (database.includes('/')) throw new UrlFault('has more than one / behind the host');
  const host = parameter('host') ?? (split.host === '' ? 'localhost' : split.host);
  const password = parameter('password') ?? split.password ?? '';
  const user = parameter('user') ?? (split.user === '' ? systemUser() : split.user);
  // A user is shown; what hangs on it by an encoded colon is a password.
  if (user.includes(':') && password === '')
    throw new UrlFault('has a : (%3A) in its user and no password; the colon between the two is not encoded');
  return {
    host: host.replace(/^\[(.*)\]$/, '$1'),
    port: wholeNumber(parameter('port') ?? split.port, 'port', 5432, 65_535),
    user,
    password: password === '' ? null : new Secret(password),
    database,
    ...tlsParameters((name) => given.get(name) ?? null),
    connectTimeoutSeconds: connectTimeout(parameter('connect_timeout'), connectTimeoutSeconds),
    connectionLimit: connectionLimit(parameter('connection_limit')),
    saysPooler: parameter('pgbouncer') === 'true',
    schema: parameter('schema'),
    options: parameter('options'),
    channelBinding: channelBinding(parameter('channel_binding')),
  };
}

function wholeNumber(text: string, what: string, fallback: number, max: number): number {
  if (text === '') return fallback;
  const value = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > max) {
    throw new UrlFault(
      `has a ${what} that is not a number from 1 to ${max}; a special character in the password must be ` +
        'percent-encoded',
    );
  }
  return value;
}

/** libpq and Prisma read 0 as "wait for ever"; here a minute is the end of every wait. */
function connectTimeout(text: string | null, fallback: number): number {
  if (text === null) return fallback;
  if (text === '0') return 60;
  return wholeNumber(text, 'connect_timeout', fallback, 600);
}

function channelBinding(text: string | null): DatabaseUrlParts['channelBinding'] {
  const known = channelBindings.find((one) => one === (text ?? 'disable'));
  if (known !== undefined) return known;
  throw new UrlFault(`has an unknown channel_binding; it must be one of ${channelBindings.join(', ')}`);
}

/** What is no number says nothing: no connection hangs on it. */
function connectionLimit(text: string | null): number | null {
  return text !== null && /^\d{1,6}$/.test(text) ? Number(text) : null;
}

/** libpq's default: the name of the system's user. */
function systemUser(): string {
  try {
    return userInfo().username;
  } catch (error) {
    throw Object.assign(new UrlFault('names no user'), { cause: error });
  }
}

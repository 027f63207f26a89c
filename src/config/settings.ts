import { z } from 'zod';
import { connectTimeoutSecondsDefault } from '../lib/network/open-socket.ts';

/**
 * One operational setting: its variable, its place in the file, what it may be and what it is when nobody says.
 * This list is the only declaration; the file's schema and the test of `docs/configuration.md` are made from it.
 */
export interface Setting<T> {
  readonly env: string;
  /** `section.key` in the file; null for secrets and addresses, which only the environment may hold. */
  readonly yaml: string | null;
  readonly schema: z.ZodType<T>;
  /** Reads a variable's text; the schema judges the outcome. */
  readonly fromText: (text: string) => unknown;
  /** `must be …`, the rest of a sentence that starts with the setting's name. */
  readonly expects: string;
  /** Null: decided by other settings; the documentation says how. */
  readonly fallback: T | null;
}

/** A setting that always has a value. */
export interface SettingWithDefault<T> extends Setting<T> {
  readonly fallback: T;
}

const wholeNumber = (
  env: string,
  yaml: string,
  min: number,
  max: number,
  fallback: number,
): SettingWithDefault<number> => {
  const expects = `must be a whole number from ${min} to ${max}`;
  return {
    env,
    yaml,
    schema: z.int(expects).min(min, expects).max(max, expects),
    fromText: (text) => (/^\d+$/.test(text) ? Number(text) : text),
    expects,
    fallback,
  };
};

const decimal = (
  env: string,
  yaml: string,
  min: number,
  max: number,
  fallback: number,
): SettingWithDefault<number> => {
  const expects = `must be a number from ${min} to ${max}`;
  return {
    env,
    yaml,
    schema: z.number(expects).min(min, expects).max(max, expects),
    fromText: (text) => (/^\d+(?:\.\d+)?$/.test(text) ? Number(text) : text),
    expects,
    fallback,
  };
};

const truths: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  '1': true,
  false: false,
  no: false,
  off: false,
  '0': false,
};

const onOff = (env: string, yaml: string, fallback: boolean): SettingWithDefault<boolean> => ({
  env,
  yaml,
  schema: z.boolean('must be true or false'),
  fromText: (text) => truths[text.toLowerCase()] ?? text,
  expects: 'must be true or false',
  fallback,
});

const oneOf = <const T extends string>(
  env: string,
  yaml: string,
  values: readonly T[],
  fallback: T,
): SettingWithDefault<T> => {
  const expects = `must be one of ${values.join(', ')}`;
  return { env, yaml, schema: z.enum(values, expects), fromText: (text) => text, expects, fallback };
};

const text = <T extends string | null>(
  env: string,
  yaml: string | null,
  what: string,
  fallback: T,
): Setting<string> & { readonly fallback: T } => ({
  env,
  yaml,
  schema: z.string(`must be ${what}`).min(1, `must be ${what}`),
  fromText: (value) => value,
  expects: `must be ${what}`,
  fallback,
});

/** It travels as one word of a header: a key with other characters could never be presented. */
const headerWord = (env: string): Setting<string> => {
  const expects = 'must be letters, digits and signs of ASCII, without spaces';
  return {
    env,
    yaml: null,
    schema: z.string().regex(/^[\x21-\x7e]+$/, expects),
    fromText: (value) => value,
    expects,
    fallback: null,
  };
};

const address = (env: string, schemes: readonly string[]): Setting<string> => {
  const expects = `must be an address that starts with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`;
  return {
    env,
    yaml: null,
    schema: z.string().refine((value) => schemes.some((scheme) => value.startsWith(`${scheme}://`)), expects),
    fromText: (value) => value,
    expects,
    fallback: null,
  };
};

export const settings = {
  preset: oneOf('SYNC_PRESET', 'preset', ['none', 'multiboard'], 'none'),

  dataDirectory: text('DATA_DIRECTORY', 'directories.data', 'a folder', null),
  dumpDirectory: text('DUMP_DIRECTORY', 'directories.dumps', 'a folder', null),
  backupDirectory: text('BACKUP_DIRECTORY', 'directories.backups', 'a folder', null),

  compress: onOff('ENABLE_COMPRESSION', 'dumps.compress', false),
  retentionDays: wholeNumber('BACKUP_RETENTION_DAYS', 'dumps.retentionDays', 1, 3650, 7),
  maxDumpSizeGb: decimal('MAX_DUMP_SIZE_GB', 'dumps.maxSizeGb', 0.001, 100_000, 50),

  workers: wholeNumber('SYNC_WORKERS', 'sync.workers', 1, 16, 4),
  autoBackup: onOff('AUTO_BACKUP', 'sync.autoBackup', true),
  owners: onOff('SYNC_OWNERS', 'sync.owners', true),
  privileges: onOff('SYNC_PRIVILEGES', 'sync.privileges', true),
  secrets: onOff('SYNC_SECRETS', 'sync.secrets', false),
  tablespaces: onOff('SYNC_TABLESPACES', 'sync.tablespaces', true),
  untriedServers: onOff('SYNC_UNTRIED_SERVERS', 'sync.untriedServers', false),
  ignoreMigrations: onOff('SYNC_IGNORE_MIGRATIONS', 'sync.ignoreMigrations', false),
  databaseSettings: oneOf('SYNC_DATABASE_SETTINGS', 'sync.databaseSettings', ['target', 'source'], 'target'),
  lockWaitSeconds: wholeNumber('LOCK_WAIT_SECONDS', 'sync.lockWaitSeconds', 1, 3600, 30),
  keepDatabaseHours: wholeNumber('KEEP_DATABASE_HOURS', 'sync.keepDatabaseHours', 1, 8760, 24),
  keepDatabases: wholeNumber('KEEP_DATABASES', 'sync.keepDatabases', 1, 1000, 100),
  keepDatabaseGb: decimal('KEEP_DATABASE_GB', 'sync.keepDatabaseGb', 0.001, 100_000, 100_000),

  maxConcurrentJobs: wholeNumber('MAX_CONCURRENT_JOBS', 'jobs.maxConcurrent', 1, 32, 2),
  jobTimeoutMinutes: wholeNumber('JOB_TIMEOUT_MINUTES', 'jobs.timeoutMinutes', 1, 10_080, 120),
  redisUrl: address('REDIS_URL', ['redis', 'rediss']),
  queueDatabaseUrl: address('QUEUE_DATABASE_URL', ['postgresql', 'postgres']),

  host: text('HOST', 'http.host', 'a host name or an address', '127.0.0.1'),
  port: wholeNumber('PORT', 'http.port', 0, 65_535, 3000),
  apiKey: headerWord('API_KEY'),
  publicUrl: { ...address('PUBLIC_URL', ['http', 'https']), yaml: 'http.publicUrl' },
  requestsPerMinute: wholeNumber('REQUESTS_PER_MINUTE', 'http.requestsPerMinute', 1, 1_000_000, 300),

  connectTimeoutSeconds: wholeNumber(
    'CONNECT_TIMEOUT_SECONDS',
    'connectTimeoutSeconds',
    1,
    600,
    connectTimeoutSecondsDefault,
  ),
  smtpUrl: address('SMTP_URL', ['smtp', 'smtps']),
  smtpFrom: text('SMTP_FROM', 'mail.from', 'an e-mail address', null),
  stallMinutes: wholeNumber('NOTICE_STALL_MINUTES', 'jobs.stallMinutes', 1, 10_080, 15),
  logLevel: oneOf('LOG_LEVEL', 'logLevel', ['debug', 'info', 'warn', 'error'], 'info'),
} as const satisfies Record<string, Setting<string> | Setting<number> | Setting<boolean>>;

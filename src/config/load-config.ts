import { resolve } from 'node:path';
import { Secret } from '../lib/secret.ts';
import { defaultCollections } from '../search/default-collections.ts';
import type { Config } from './config.ts';
import { findConfigFile, readConfigFile } from './config-file.ts';
import type { ConfigFile } from './config-file.ts';
import { readEnv } from './env-source.ts';
import type { EnvSource } from './env-source.ts';
import { createFaults } from './faults.ts';
import type { Faults } from './faults.ts';
import { loadChannels } from './load-channels.ts';
import { loadEnvironments } from './load-environments.ts';
import { loadSchedules } from './load-schedules.ts';
import { multiboardMustHaveRows, multiboardTablePolicies } from './presets/multiboard.ts';
import { settings } from './settings.ts';
import type { Setting, SettingWithDefault } from './settings.ts';

export interface LoadConfigInput {
  /** `process.env`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** A configuration file instead of the one found upward from `cwd`; relative to `cwd`. */
  readonly file?: string | undefined;
}

const bytesPerGigabyte = 1_000_000_000;

/**
 * Reads everything the process was told: variables of the process, over `.env` (in `cwd`, else beside the configuration
 * file), over `multiboard-sync.config.yaml` (found upward from `cwd`), over the defaults (docs/configuration.md).
 * Nothing is created or connected to. Throws one CONFIG_INVALID that lists every fault with its file and line, and
 * never a value.
 */
export function loadConfig({ env: processEnv, cwd, file: chosen }: LoadConfigInput): Config {
  const fromEnv = processEnv['MULTIBOARD_SYNC_CONFIG'];
  const path = chosen ?? (fromEnv === undefined || fromEnv === '' ? undefined : fromEnv);
  const file = readConfigFile(path === undefined ? findConfigFile(cwd) : resolve(cwd, path), cwd);
  const faults = createFaults();
  const env = readEnv(processEnv, cwd, [cwd, file.folder], faults);
  const config = assemble(env, file, cwd, faults);
  faults.throwIfAny();
  return config;
}

function assemble(env: EnvSource, file: ConfigFile, cwd: string, faults: Faults): Config {
  const optional = <T>(setting: Setting<T>): T | null => {
    const text = env.get(setting.env);
    if (text === null) {
      const value = setting.yaml === null ? undefined : file.setting(setting.yaml);
      return value === undefined ? setting.fallback : (value as T);
    }
    const read = setting.schema.safeParse(setting.fromText(text));
    if (read.success) return read.data;
    faults.add(`${env.place(setting.env)} ${setting.expects}`);
    return setting.fallback;
  };
  const value = <T>(setting: SettingWithDefault<T>): T => optional(setting) ?? setting.fallback;
  const isSaid = ({ env: name, yaml }: Setting<unknown>): boolean =>
    env.get(name) !== null || (yaml !== null && file.setting(yaml) !== undefined);
  /** A variable's path starts where the command was called, the file's where the file lies. */
  const folder = (setting: Setting<string>, fallback: string): string => {
    const text = optional(setting);
    if (text === null) return fallback;
    return resolve(env.get(setting.env) === null ? file.folder : cwd, text);
  };
  const secret = (setting: Setting<string>): Secret | null => {
    const text = optional(setting);
    return text === null ? null : new Secret(text);
  };

  const connectTimeoutSeconds = value(settings.connectTimeoutSeconds);
  const multiboard = optional(settings.preset) === 'multiboard';
  const data = folder(settings.dataDirectory, resolve(file.folder, 'data'));
  const { tables = {}, mustHaveRows, collections } = file.sections;
  reportTwins(collections ?? [], file, faults);
  return {
    environments: loadEnvironments(env, file, faults, { connectTimeoutSeconds }),
    tablePolicies: [...policiesOf(tables, file), ...(multiboard ? multiboardTablePolicies : [])],
    mustHaveRows: mustHaveRows ?? (multiboard ? multiboardMustHaveRows : []),
    collections: collections ?? defaultCollections,
    ...ofItself(env, file, faults, { optional, value }),
    directories: {
      data,
      dumps: folder(settings.dumpDirectory, resolve(data, 'dumps')),
      backups: folder(settings.backupDirectory, resolve(data, 'backups')),
    },
    dumps: {
      compression: value(settings.compress) ? 'gzip' : 'none',
      retentionDays: value(settings.retentionDays),
      maxBytes: Math.round(value(settings.maxDumpSizeGb) * bytesPerGigabyte),
    },
    sync: {
      workers: value(settings.workers),
      backup: value(settings.autoBackup) ? 'file' : 'kept',
      owners: value(settings.owners),
      privileges: value(settings.privileges),
      ...exceptionsOf(file),
      secrets: value(settings.secrets),
      tablespaces: value(settings.tablespaces),
      untriedServers: value(settings.untriedServers),
      ignoreMigrations: value(settings.ignoreMigrations),
      databaseSettings: value(settings.databaseSettings),
      lockWaitSeconds: value(settings.lockWaitSeconds),
      keepDatabaseHours: value(settings.keepDatabaseHours),
      keepDatabases: value(settings.keepDatabases),
      keepDatabaseBytes: Math.round(value(settings.keepDatabaseGb) * 1e9),
    },
    jobs: {
      maxConcurrent: value(settings.maxConcurrentJobs),
      timeoutMinutes: value(settings.jobTimeoutMinutes),
      redisUrl: secret(settings.redisUrl),
      queueDatabaseUrl: secret(settings.queueDatabaseUrl),
    },
    http: {
      host: value(settings.host),
      port: value(settings.port),
      portIsChosen: isSaid(settings.port),
      apiKey: secret(settings.apiKey),
      requestsPerMinute: value(settings.requestsPerMinute),
    },
    connectTimeoutSeconds,
    logLevel: value(settings.logLevel),
  };
}

/** What a setting says. */
interface Read {
  readonly optional: <T>(setting: Setting<T>) => T | null;
  readonly value: <T>(setting: SettingWithDefault<T>) => T;
}

/** What a service does by itself: starts jobs, and tells people. */
function ofItself(
  env: EnvSource,
  file: ConfigFile,
  faults: Faults,
  { optional, value }: Read,
): Pick<Config, 'schedules' | 'notices'> {
  const smtp = optional(settings.smtpUrl);
  const mail = { smtp: smtp === null ? null : new Secret(smtp), from: optional(settings.smtpFrom) };
  return {
    schedules: loadSchedules(file, faults),
    notices: {
      channels: loadChannels(env, file, faults, mail),
      stallMinutes: value(settings.stallMinutes),
      publicUrl: optional(settings.publicUrl),
    },
  };
}

/** Two collections behind one alias would replace each other. */
function reportTwins(
  collections: readonly { readonly name: string }[],
  file: ConfigFile,
  faults: Faults,
): void {
  for (const [index, { name }] of collections.entries()) {
    if (collections.findIndex((other) => other.name === name) !== index) {
      faults.add(`${file.place(['collections', index, 'name'])}: a collection "${name}" is already there`);
    }
  }
}

/** The file's policies, each with the place where it is said. */
function policiesOf(
  tables: NonNullable<ConfigFile['sections']['tables']>,
  file: ConfigFile,
): Config['tablePolicies'] {
  return Object.entries(tables).map(([table, policy]) => ({
    table,
    policy,
    said: file.place(['tables', table]),
  }));
}

/** What a configuration file alone can say of runs. */
function exceptionsOf({ sections }: ConfigFile): Pick<Config['sync'], 'leaveOut' | 'roles' | 'orphans'> {
  const { leaveOut = [], roles = {}, orphans = {} } = sections;
  return { leaveOut, roles, orphans };
}

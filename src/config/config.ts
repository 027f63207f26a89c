import type { Environment } from '../environments/environment.ts';
import type { TablePolicyRule } from '../environments/table-policy.ts';
import type { Secret } from '../lib/secret.ts';
import type { Channel } from '../notices/channel.ts';
import type { FileSchedule } from '../schedules/schedule.ts';
import type { OrphanPolicies } from '../plan/orphans.ts';
import type { CollectionConfig } from '../search/collection-config.ts';

/**
 * Everything the process was told, checked. `load-config.ts` makes it; only `main.ts` and `cli/` read `process.env`.
 */
export interface Config {
  readonly environments: ReadonlyMap<string, Environment>;
  readonly tablePolicies: readonly TablePolicyRule[];
  /** Tables (policy rule syntax) that must have rows in the source. */
  readonly mustHaveRows: readonly string[];
  readonly collections: readonly CollectionConfig[];
  /** Of the file; the API makes others (src/schedules). */
  readonly schedules: readonly FileSchedule[];
  readonly notices: {
    readonly channels: readonly Channel[];
    /** A job that has told nothing for so long stalls. */
    readonly stallMinutes: number;
    /** Where people reach the service, for links; null where nobody said it. */
    readonly publicUrl: string | null;
  };
  readonly directories: {
    /** Journal, job records, locks; 0700. */
    readonly data: string;
    readonly dumps: string;
    readonly backups: string;
  };
  readonly dumps: {
    readonly compression: 'none' | 'gzip';
    readonly retentionDays: number;
    /** Bytes; a larger dump fails instead of filling the disk. */
    readonly maxBytes: number;
  };
  readonly sync: {
    /** Connections that read or write rows side by side. */
    readonly workers: number;
    readonly backup: 'file' | 'kept';
    readonly owners: boolean;
    readonly privileges: boolean;
    /** Kinds and identities of objects that may be left out. */
    readonly leaveOut: readonly string[];
    /** Role of the source → role of the target. */
    readonly roles: Readonly<Record<string, string>>;
    /** By foreign key: what a merge does with kept rows whose parent goes. */
    readonly orphans: OrphanPolicies;
    /** Options of user mappings and subscriptions with their connection strings are carried. */
    readonly secrets: boolean;
    /** Objects lie in tablespaces of the same names; else all of them where the database does. */
    readonly tablespaces: boolean;
    /** Servers of majors that this release was never tried on are used, at their owner's risk. */
    readonly untriedServers: boolean;
    /** A schema is replaced although what the target's tools tell of their migrations is not the source's. */
    readonly ignoreMigrations: boolean;
    /** Whose ALTER DATABASE … SET, ALTER ROLE … IN DATABASE … SET and GRANT ON DATABASE the target has afterwards. */
    readonly databaseSettings: 'target' | 'source';
    /** Seconds in which the locks on what is replaced or kept are tried for, a short while at a time. */
    readonly lockWaitSeconds: number;
    /** Hours a replaced database is kept for undo. */
    readonly keepDatabaseHours: number;
    /** Of one target at most so many are kept, and so many bytes of them; the newest in any case. */
    readonly keepDatabases: number;
    readonly keepDatabaseBytes: number;
  };
  readonly jobs: {
    readonly maxConcurrent: number;
    readonly timeoutMinutes: number;
    readonly redisUrl: Secret | null;
    readonly queueDatabaseUrl: Secret | null;
  };
  readonly http: {
    readonly host: string;
    readonly port: number;
    /** PORT was said, so that whoever listens there is meant. */
    readonly portIsChosen: boolean;
    readonly apiKey: Secret | null;
    readonly requestsPerMinute: number;
  };
  /** For reaching a server, all addresses of its host together; a database's address may say its own. */
  readonly connectTimeoutSeconds: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}

/** The servers and programs that suites need from outside. */
export type Need =
  | 'postgres'
  | `postgres-${(typeof olderMajors)[number]}`
  | 'client-tools'
  | 'pg_dump-15'
  | 'pgbouncer'
  | 'redis'
  | 'typesense'
  | 'chromium'
  | 'label-provider'
  | 'openssl'
  | 'mount';

/** Majors that are supported besides the one the tests run on. */
export const olderMajors = [13, 14, 15, 16, 17] as const;

/** Debian's pg_dump 15, where it is installed; other programs than 18 are not to be had everywhere. */
export const pgDump15 = '/usr/lib/postgresql/15/bin/pg_dump';

/** What global set-up found missing, with the reason. With CI=true nothing may be missing: the run fails there. */
export type Missing = Partial<Record<Need, string>>;

export interface SharedTypesense {
  readonly url: string;
  readonly apiKey: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    missing: Missing;
    /** Why the whole project is skipped; empty when it runs. */
    skipProject: string;
    postgresUrl: string;
    typesense: SharedTypesense | null;
  }

  export interface TaskMeta {
    /** Of a file: what its tests asked for and was missing. */
    lacked?: readonly Need[];
  }
}

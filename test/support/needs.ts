/** The servers and programs that suites need from outside. */
export type Need = 'postgres' | 'client-tools' | 'pgbouncer' | 'redis' | 'typesense' | 'chromium' | 'mount';

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
}

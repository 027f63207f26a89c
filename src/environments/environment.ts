import type { Secret } from '../lib/secret.ts';
import type { DatabaseUrl } from './database-url.ts';
import type { DefusalFile } from './defusal.ts';
import type { Masking } from './masking.ts';

/** A Typesense cluster; the first node answers, every node is checked before and after a switch. */
export interface SearchCluster {
  /** Base addresses without path, `http://host:8108`. */
  readonly nodes: readonly string[];
  readonly apiKey: Secret;
  /** For reaching a node, all addresses of its host together; ten seconds where it is not said. */
  readonly connectTimeoutSeconds?: number | undefined;
}

/** How easily an environment may become a target. */
export type Protection =
  /** `confirm` must equal its name in every interface (the command line asks it of every target). */
  | 'protected'
  /** May be a target. */
  | 'open'
  /** Never a target. */
  | 'source-only';

/** A named database with its search. Callers name it; only the configuration knows the addresses. */
export interface Environment {
  readonly name: string;
  /** What runs use: NAME_DIRECT_URL where it is set, else NAME_DATABASE_URL. */
  readonly database: DatabaseUrl;
  /** NAME_DATABASE_URL where runs use another: the application goes through a pooler. */
  readonly clientsUse?: DatabaseUrl | undefined;
  /** Where the application's tables live (Prisma's `?schema=` or NAME_DATABASE_SCHEMA); `public` when not said. */
  readonly schema: string;
  /**
   * The schemas that runs are about; null for the whole database. Undefined where nobody said: then it hangs on who
   * owns the others (src/sync/ends/restriction.ts).
   */
  readonly schemas?: readonly string[] | null | undefined;
  readonly search: SearchCluster | null;
  readonly protection: Protection;
  /** What becomes of its rows when they are read for another environment; null where they are read as they are. */
  readonly masking?: Masking | null | undefined;
  /** What runs in new data before anybody can see it, in this order. */
  readonly defusal?: readonly DefusalFile[] | undefined;
}

import type { Config } from '../../config/config.ts';
import type { Environment } from '../../environments/environment.ts';
import { SyncError } from '../../errors/sync-error.ts';
import type { Side } from '../../postgres/conditions.ts';
import type { CallOptions, Queryable } from '../../postgres/session.ts';

/** What a server says of itself. */
export interface ServerVersion {
  readonly versionNum: number;
  /** `18.1`, `19beta2`, with what a packager adds. */
  readonly version: string;
}

/**
 * The major versions on which this release is tested. No catalogue tells what another version means by the same
 * words.
 */
const triedMajors = { first: 13, last: 18 } as const;

/** A sentence's predicate for a server that this release was never tried on; null for one that it was. Pure. */
export function untriedBecause({ versionNum, version }: ServerVersion): string | null {
  const major = Math.floor(versionNum / 10_000);
  const name = major >= 10 ? String(major) : `${major}.${Math.floor(versionNum / 100) % 100}`;
  const { first, last } = triedMajors;
  if (major < first || major > last)
    return `is PostgreSQL ${name}; this release was tried on ${first} to ${last}`;
  // A pre-release of this major version may still change.
  const early = /^\d+(?:devel|alpha|beta|rc)\d*/.exec(version)?.[0];
  if (early === undefined) return null;
  return (
    `is PostgreSQL ${early}, which was not released yet; this release was tried on ${first} to ${last} as ` +
    'they were released'
  );
}

export interface TriedInput {
  readonly environment: Pick<Environment, 'name'>;
  readonly side: Side;
  /** At their own risk: `sync.untriedServers`. */
  readonly untriedServers: boolean;
}

/**
 * The first question to a server: SOURCE_SERVER_UNTRIED or TARGET_SERVER_UNTRIED if this release was never tried on
 * its version, unless that is allowed.
 */
export async function checkTried(
  session: Queryable,
  { environment, side, untriedServers }: TriedInput,
  options: CallOptions,
): Promise<void> {
  const [server] = await session.query<ServerVersion>(
    `SELECT pg_catalog.current_setting('server_version_num')::int AS "versionNum",
       pg_catalog.current_setting('server_version') AS "version"`,
    [],
    options,
  );
  const because = server === undefined ? null : untriedBecause(server);
  if (because === null || untriedServers) return;
  throw new SyncError(
    side === 'source' ? 'SOURCE_SERVER_UNTRIED' : 'TARGET_SERVER_UNTRIED',
    `The server of "${environment.name}" ${because}.`,
    { details: { environment: environment.name, serverVersion: server?.version ?? '' } },
  );
}

/** The settings of one run that allows untried servers by itself. */
export function withUntriedServers(config: Config, allowed: boolean): Config {
  return allowed ? { ...config, sync: { ...config.sync, untriedServers: true } } : config;
}

/** SOURCE_SERVER_UNTRIED for what a dump says of the server that it was taken from. */
export function checkTriedDump(server: ServerVersion, untriedServers: boolean): void {
  const because = untriedBecause(server);
  if (because === null || untriedServers) return;
  throw new SyncError('SOURCE_SERVER_UNTRIED', `The server that the dump was taken from ${because}.`, {
    details: { serverVersion: server.version },
  });
}

/** The warning if an untried server was allowed: at most one sentence. */
export function untriedWarnings(server: ServerVersion, whose: string): readonly string[] {
  const because = untriedBecause(server);
  return because === null
    ? []
    : [
        `${whose} ${because}. You allowed this. A run stops at kinds of objects that it does not know, but ` +
          'new properties of a known kind may be lost or misread.',
      ];
}

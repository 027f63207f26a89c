import { SyncError } from '../../errors/sync-error.ts';
import type { OpenSource } from '../source/open-source.ts';
import { isSameDatabase } from '../ends/protected.ts';
import type { Identity } from '../ends/protected.ts';
import type { TargetFacts } from '../ends/target-facts.ts';

/** CONFLICT_SAME_DATABASE when both names lead to one database, whatever their addresses say. */
export function checkTwoDatabases(
  source: OpenSource,
  target: TargetFacts,
  sourceName: string,
  targetName: string,
): void {
  if (!isSameDatabase(identityOf(source), target)) return;
  throw new SyncError(
    'CONFLICT_SAME_DATABASE',
    `"${sourceName}" and "${targetName}" are the same database "${target.name}".`,
    source.serverStartedAt === target.serverStartedAt
      ? {}
      : {
          hint:
            'One of the two is a standby, and has the identifier of the other’s server: choose another ' +
            'database. Where that server was restored from a snapshot, name the primary instead of its ' +
            'standby.',
        },
  );
}

/** To compare a database with itself proves nothing; with its standby it does. CONFLICT_SAME_DATABASE. */
export function checkTwoServers(left: OpenSource, right: OpenSource, names: readonly [string, string]): void {
  const [one, other] = [identityOf(left), identityOf(right)];
  if (one.serverStartedAt !== other.serverStartedAt || !isSameDatabase(one, other)) return;
  throw new SyncError(
    'CONFLICT_SAME_DATABASE',
    `"${names[0]}" and "${names[1]}" are the same database: to compare it with itself would prove nothing.`,
  );
}

function identityOf({ model: { server }, serverStartedAt, inRecovery }: OpenSource): Identity {
  return {
    systemIdentifier: server.systemIdentifier,
    serverStartedAt,
    inRecovery,
    oid: String(server.databaseOid),
  };
}

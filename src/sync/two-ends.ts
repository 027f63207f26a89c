import { SyncError } from '../errors/sync-error.ts';
import type { OpenSource } from './source/open-source.ts';
import type { TargetFacts } from './target/target-facts.ts';

/** CONFLICT_SAME_DATABASE when both names lead to one database, whatever their addresses say. */
export function checkTwoDatabases(
  source: OpenSource,
  target: TargetFacts,
  sourceName: string,
  targetName: string,
): void {
  const { server } = source.model;
  // A standby has its primary's identifier; where that may not be asked for, the moment the server began tells.
  const sameServer =
    source.serverStartedAt === target.serverStartedAt ||
    (server.systemIdentifier !== null && server.systemIdentifier === target.systemIdentifier);
  if (!sameServer || String(server.databaseOid) !== target.oid) return;
  throw new SyncError(
    'CONFLICT_SAME_DATABASE',
    `"${sourceName}" and "${targetName}" are the same database "${target.name}".`,
  );
}

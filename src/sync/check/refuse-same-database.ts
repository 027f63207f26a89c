import { SyncError } from '../../errors/sync-error.ts';
import type { OpenSource } from '../source/open-source.ts';
import { isSameDatabase } from '../ends/protected.ts';
import type { TargetFacts } from '../ends/target-facts.ts';

/** CONFLICT_SAME_DATABASE when both names lead to one database, whatever their addresses say. */
export function checkTwoDatabases(
  source: OpenSource,
  target: TargetFacts,
  sourceName: string,
  targetName: string,
): void {
  const { server } = source.model;
  const from = {
    systemIdentifier: server.systemIdentifier,
    serverStartedAt: source.serverStartedAt,
    oid: String(server.databaseOid),
  };
  if (!isSameDatabase(from, target)) return;
  throw new SyncError(
    'CONFLICT_SAME_DATABASE',
    `"${sourceName}" and "${targetName}" are the same database "${target.name}".`,
  );
}

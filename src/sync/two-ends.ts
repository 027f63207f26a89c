import type { Environment } from '../environments/environment.ts';
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

/** Definitions name their schema; writing them into another one cannot be done by renaming text. */
export function checkSchemas(from: Environment, to: Environment): void {
  if (from.schema === to.schema) return;
  throw new SyncError(
    'CONFIG_INVALID',
    `"${from.name}" keeps its tables in schema "${from.schema}" and "${to.name}" in "${to.schema}"; a sync carries schemas under their own names.`,
    { hint: 'Use the same schema name in both environments.' },
  );
}

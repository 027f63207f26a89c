import type { CatalogModel } from '../../catalog/model.ts';
import type { ManifestTable } from '../../dump/manifest.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { digestsEqual, tableDigests } from '../../postgres/digest.ts';
import type { TableDigest } from '../../postgres/digest.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import type { Session } from '../../postgres/session.ts';
import { tableName } from '../../lib/table-name.ts';

/**
 * What was written after the safety copy would exist nowhere once the tables are dropped. The caller holds them locked.
 * CONFLICT_TARGET_CHANGED names each that is not what the copy holds. Reads each table once; no row travels.
 */
export async function refuseOldSafetyCopy(
  session: Session,
  tables: CatalogModel['tables'],
  copy: readonly ManifestTable[],
  options: { readonly signal: AbortSignal },
): Promise<void> {
  const copied = new Map(copy.map((table) => [qualifiedName(table.schema, table.name), table]));
  const digests: TableDigest[] = [];
  await tableDigests(session, tables, (_, digest) => digests.push(digest), options);
  const changed: string[] = [];
  for (const [index, table] of tables.entries()) {
    const now = digests[index];
    const then = copied.get(qualifiedName(table.schema, table.name));
    const same =
      now !== undefined &&
      then !== undefined &&
      then.digest !== null &&
      JSON.stringify(then.columns.map(({ name }) => name)) ===
        JSON.stringify(table.columns.map(({ name }) => name)) &&
      digestsEqual(now, then.digest);
    if (!same) changed.push(tableName(table));
  }
  if (changed.length === 0) return;
  throw new SyncError(
    'CONFLICT_TARGET_CHANGED',
    `The target changed after its safety copy was written: ${changed.join(', ')}. The run changed nothing.`,
    { details: { tables: changed } },
  );
}

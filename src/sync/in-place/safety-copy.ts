import type { CatalogModel } from '../../catalog/model.ts';
import type { ManifestTable } from '../../dump/manifest.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { rowsReadAnew } from '../../plan/rows-made-again.ts';
import { digestsEqual, tableDigests } from '../../postgres/digest.ts';
import type { TableDigest } from '../../postgres/digest.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import { unwrittenTables } from '../../postgres/row-versions.ts';
import type { Session } from '../../postgres/session.ts';
import { tableName } from '../../lib/table-name.ts';
import type { SafetyCopy } from './way-back.ts';

type Copy = Pick<SafetyCopy, 'manifest' | 'objects' | 'snapshot'>;

/**
 * What was written after the safety copy would exist nowhere once the tables are dropped. The caller holds them locked.
 * CONFLICT_TARGET_CHANGED names each that is not what the copy holds. Where nobody has written to a table since the
 * copy's snapshot, its rows tell so themselves (ADR 30); else, and where the same rows may read otherwise, it is
 * digested. No row travels.
 */
export async function refuseOldSafetyCopy(
  session: Session,
  { tables, model }: { readonly tables: CatalogModel['tables']; readonly model: CatalogModel },
  copy: Copy | null,
  options: { readonly signal: AbortSignal },
): Promise<void> {
  const inCopy = new Map(
    copy?.manifest.tables.map((table) => [qualifiedName(table.schema, table.name), table]),
  );
  const pairs = tables.map((table) => ({
    table,
    copied: inCopy.get(qualifiedName(table.schema, table.name)),
  }));
  const unwritten =
    copy === null ? new Set() : await unwrittenSince(session, pairs, { copy, model }, options);
  const doubtful = pairs.filter(({ table: { id } }) => !unwritten.has(id));
  const digests: TableDigest[] = [];
  await tableDigests(
    session,
    doubtful.map(({ table }) => table),
    (_, digest) => digests.push(digest),
    options,
  );
  const changed = doubtful
    .filter((pair, index) => {
      const now = digests[index];
      const { digest = null } = pair.copied ?? {};
      return now === undefined || digest === null || !hasItsColumns(pair) || !digestsEqual(now, digest);
    })
    .map(({ table }) => tableName(table));
  if (changed.length === 0) return;
  throw new SyncError(
    'CONFLICT_TARGET_CHANGED',
    `The target changed after its safety copy was written: ${changed.join(', ')}. The run changed nothing.`,
    { details: { tables: changed } },
  );
}

interface Pair {
  readonly table: CatalogModel['tables'][number];
  /** In the copy. */
  readonly copied: ManifestTable | undefined;
}

function hasItsColumns({ table, copied }: Pair): boolean {
  return (
    JSON.stringify(copied?.columns.map(({ name }) => name)) ===
    JSON.stringify(table.columns.map(({ name }) => name))
  );
}

/** Ids of tables to which nobody has written since the copy's snapshot, and whose rows read as they did. */
async function unwrittenSince(
  session: Session,
  pairs: readonly Pair[],
  { copy, model }: { readonly copy: Copy; readonly model: CatalogModel },
  options: { readonly signal: AbortSignal },
): Promise<ReadonlySet<string>> {
  const { manifest, objects, snapshot } = copy;
  const anew = new Set(
    rowsReadAnew({ objects, load: manifest.tables, there: model.objects }).map(({ id }) => id),
  );
  const candidates = pairs.flatMap((pair) => {
    const { table, copied } = pair;
    const [, oid] = /^table:(\d+)$/.exec(table.id) ?? [];
    if (oid === undefined || copied === undefined || copied.digest === null) return [];
    // The same table, not another under its name.
    if (copied.id !== table.id || anew.has(copied.id) || !hasItsColumns(pair)) return [];
    if (table.condition !== null || copied.condition !== null) return [];
    const { id, schema, name } = table;
    return [{ id, oid, schema, name, rows: copied.digest.rows }];
  });
  const unwritten = await unwrittenTables(session, candidates, snapshot.oldest, options);
  return new Set(unwritten.map(({ id }) => id));
}

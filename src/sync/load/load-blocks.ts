import { copyFromSql } from '../../dump/copy-frame.ts';
import type { DumpReader } from '../../dump/dump-reader.ts';
import type { ManifestTable, Segment } from '../../dump/manifest.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { shareOut } from '../../lib/share-out.ts';
import { copyIn } from '../../postgres/copy.ts';
import { underSearchPath } from '../../postgres/search-path.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import type { Reporter } from '../../progress/progress.ts';
import { tableName } from '../../lib/table-name.ts';

export interface LoadBlocksOptions {
  readonly signal: AbortSignal;
  readonly report: Reporter;
}

/**
 * Loads data blocks of the given tables, one COPY a block, on as many sessions as given. Each block must add exactly
 * the rows its manifest entry says. Memory: stream buffers only. Errors: TARGET_COPY_FAILED and other target codes,
 * STORAGE_DUMP_DAMAGED; a failed block leaves none of its rows.
 */
export async function loadBlocks(
  reader: DumpReader,
  tables: ReadonlyMap<string, ManifestTable>,
  sessions: readonly Session[],
  options: LoadBlocksOptions,
): Promise<void> {
  const blocks = reader.manifest.segments.filter(
    ({ section, table }) => section === 'data' && tables.has(table ?? ''),
  );
  const blocksLeft = new Map<string, number>();
  for (const { table } of blocks) blocksLeft.set(table ?? '', (blocksLeft.get(table ?? '') ?? 0) + 1);
  const done = (table: ManifestTable): void => {
    const left = (blocksLeft.get(table.id) ?? 0) - 1;
    blocksLeft.set(table.id, left);
    if (left === 0) options.report.itemDone(tableName(table));
  };
  const [first] = sessions;
  if (first === undefined) throw new SyncError('INTERNAL', 'No session to load with.');
  // Tables of extensions have their foreign keys already: in the order of the file.
  const inOrder = blocks.filter((block) => tables.get(block.table ?? '')?.extensionConfig === true);
  for (const block of inOrder) done(await loadOf(reader, tables, block, first, options));
  await shareOut(
    blocks.filter((block) => !inOrder.includes(block)),
    sessions,
    async (session, block, signal) => {
      done(await loadOf(reader, tables, block, session, { ...options, signal }));
    },
    options.signal,
  );
}

async function loadOf(
  reader: DumpReader,
  tables: ReadonlyMap<string, ManifestTable>,
  block: Segment,
  session: Session,
  options: LoadBlocksOptions,
): Promise<ManifestTable> {
  const table = tables.get(block.table ?? '');
  if (table === undefined) throw new SyncError('INTERNAL', 'A block without its table.');
  await loadBlock(reader, block, table, session, options);
  return table;
}

async function loadBlock(
  reader: DumpReader,
  block: Segment,
  table: ManifestTable,
  session: Session,
  options: LoadBlocksOptions,
): Promise<void> {
  const { report, signal } = options;
  const name = tableName(table);
  report.itemStarted(name, { rows: table.rows, bytes: table.rawBytes });
  let rows: number;
  try {
    const load = (): Promise<number> =>
      copyIn(session, copyFromSql(table), reader.rows(block), {
        signal,
        onBytes: (bytes) => report.itemAdvanced(name, 0, bytes),
      });
    rows = await underSearchPath(session, table.searchPath ?? [], load, options);
  } catch (error) {
    signal.throwIfAborted();
    throw databaseError(error, 'target', `Loading rows into table ${name}`, 'TARGET_COPY_FAILED');
  }
  if (rows !== block.rows) {
    throw new SyncError(
      'TARGET_COPY_FAILED',
      `Table ${name} took ${rows} of ${block.rows ?? 0} rows of a block.`,
    );
  }
  report.itemAdvanced(name, rows, 0);
}

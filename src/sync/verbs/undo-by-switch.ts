import { SyncError } from '../../errors/sync-error.ts';
import type { Run } from '../contract/run.ts';
import type { ReturnedRows } from '../kept/return-rows.ts';
import { makeReceipt } from './make-receipt.ts';
import { returnKept, swapBack } from '../replace/return-kept.ts';
import { environmentsOn } from '../ends/in-use.ts';
import { keptUntil } from '../ends/kept-until.ts';
import { markedDatabases, ownDatabaseName } from '../ends/marker.ts';
import { readTarget } from '../ends/read-target.ts';
import { databaseIdentity, findDatabase } from '../ends/target-facts.ts';
import { keepsLargeObjects, peoplesTables } from '../kept/undo-tables.ts';
import { isUnsettled } from '../contract/unsettled.ts';
import type { CollectionReceipt, Receipt } from '../contract/receipts.ts';
import type { OpenTarget } from '../ends/opened-target.ts';
import { aliasGoals, searchBack } from './undo-search.ts';

export async function switchBack(
  run: Run,
  target: OpenTarget,
  receipt: Receipt,
  kept: string,
  collections: readonly CollectionReceipt[],
): Promise<Partial<Receipt>> {
  const { maintenance, facts } = target;
  if (maintenance === null)
    throw new SyncError(
      'TARGET_PRIVILEGE',
      'This role may not connect to any other database, so it cannot rename this one.',
    );
  const marked = (await markedDatabases(maintenance, facts.name, {})).own.find(
    ({ name, marker }) => name === kept && marker.jobId === receipt.jobId,
  );
  if (marked === undefined || (await findDatabase(maintenance, kept, {})) === null) {
    throw new SyncError(
      'CONFLICT_UNDO_GONE',
      `The database "${kept}" kept by job "${receipt.jobId}" is gone.`,
      {
        details: { backup: receipt.backup?.dumpId ?? null },
      },
    );
  }
  const namedBy = environmentsOn(run.config.environments, kept);
  if (namedBy.length > 0) {
    throw new SyncError(
      'CONFLICT_UNDO_GONE',
      `The database "${kept}" kept by job "${receipt.jobId}" now belongs to the environment ` +
        `"${namedBy.join('", "')}", which would lose it. Nothing was undone.`,
      { details: { backup: receipt.backup?.dumpId ?? null } },
    );
  }
  const keepAs = ownDatabaseName(facts.name, 'undone', run.attempt);
  const outcome = {
    mode: 'replace',
    modeReason: `the database kept by job ${receipt.jobId} is live again`,
    keptDatabase: keepAs,
  } as const;
  const swap = {
    live: facts.name,
    next: kept,
    comment: marked.marker.comment,
    keepAs,
    jobId: run.id,
    now: run.now(),
    keepUntil: await keptUntil(maintenance, run.config.sync.keepDatabaseHours),
  };
  const { environment } = target;
  const live = await readTarget(run, environment);
  const tables = peoplesTables(run, receipt, live);
  const largeObjects = keepsLargeObjects(run, receipt);
  const undo = {
    environment,
    swap,
    tables,
    largeObjects,
    beforeSwap: async (rows: ReturnedRows) => {
      run.report.step('switch', `Making "${kept}" live as "${facts.name}" again`);
      await run.journal.write({
        entry: 'switch',
        shadowOid: marked.oid,
        database: databaseIdentity(facts),
        aliases: aliasGoals(target, receipt),
        receipt: makeReceipt(run, 'rollback', run.now(), {
          target: target.environment.name,
          ...outcome,
          tables: rows.tables,
          largeObjects: rows.largeObjects,
          collections,
        }),
        undoes: receipt.jobId,
      });
    },
  };
  const rows = await returnKept(run, maintenance, undo).catch((error: unknown) => {
    if (isUnsettled(error)) run.journal.leaveOpen();
    throw error;
  });
  try {
    await searchBack(run, target, receipt);
  } catch (error) {
    // The aliases are unchanged, so the database goes forward again: both show the same state.
    const { at, until } = marked.marker;
    const before = { jobId: receipt.jobId, now: at, keepUntil: until };
    const forward = { ...swap, next: keepAs, keepAs: kept, ...before };
    await swapBack(run, maintenance, { environment, swap: forward, tables, largeObjects }, error);
  }
  return {
    ...outcome,
    tables: rows.tables,
    largeObjects: rows.largeObjects,
    rows: rows.tables.reduce((sum, table) => sum + table.rows, 0),
    warnings: [
      ...(marked.allowsConnections && marked.marker.opened !== true
        ? [
            `Somebody had opened the kept database "${kept}" to connections; what was ` +
              'written there since then is live now.',
          ]
        : []),
      ...rows.returned.map((table) => `The rows written since then into ${table} were carried over.`),
      ...rows.notes,
    ],
  };
}

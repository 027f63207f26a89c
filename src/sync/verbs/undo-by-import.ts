import { largeObjectsName } from '../../environments/table-policy.ts';
import type { Manifest } from '../../dump/manifest.ts';
import { findDump, openDump } from '../../dump/store.ts';
import { asSyncError, SyncError } from '../../errors/sync-error.ts';
import { asDumped } from '../check/plan-dump.ts';
import { importDump } from './import-dump.ts';
import type { Run } from '../contract/run.ts';
import { importFacts, makeReceipt } from './make-receipt.ts';
import { otherDatabase } from '../undo/undo-database.ts';
import { keepsLargeObjects, keptInPlace } from '../kept/undo-tables.ts';
import type { UndoOrder } from '../undo/undo-order.ts';
import type { Asked } from '../contract/import-run.ts';
import type { Receipt } from '../contract/receipts.ts';
import type { OpenTarget } from '../ends/opened-target.ts';
import { searchBack } from './undo-search.ts';

/** CONFLICT_UNDO_GONE where the environment names another database than the one that the safety copy was taken of. */
function refuseOtherDatabase(
  target: OpenTarget,
  receipt: Receipt,
  manifest: Manifest,
  order: UndoOrder,
): void {
  const other = otherDatabase(target, receipt, manifest, order);
  if (other === null) return;
  const { dumpId } = manifest;
  throw new SyncError('CONFLICT_UNDO_GONE', `${other} Nothing was touched.`, {
    details: { backup: dumpId },
    hint:
      'Name the former database in the configuration again. To replace this one by the safety copy on ' +
      `purpose: multiboard-sync import ${dumpId} ${target.environment.name}.`,
  });
}

/** CONFLICT_UNDO_GONE where it was removed, or its time is over. */
async function safetyCopy({ config }: Run, dumpId: string, { jobId }: Receipt): ReturnType<typeof findDump> {
  try {
    return await findDump(config, dumpId);
  } catch (error) {
    if (!(error instanceof SyncError) || error.code !== 'STORAGE_DUMP_UNKNOWN') throw error;
    throw new SyncError(
      'CONFLICT_UNDO_GONE',
      `The safety copy ${dumpId} of job ${jobId} is gone. Nothing was undone.`,
      { cause: error, details: { backup: dumpId } },
    );
  }
}

/** The target's own former state comes back: nothing is left out, and no role is mapped. */
const askedOfUndo: Asked = {
  mode: 'in-place',
  backup: 'file',
  search: false,
  owners: true,
  privileges: true,
  // What was applied since is said: to go back is what was asked for.
  ignoreMigrations: true,
  unmasked: false,
  leaveOut: [],
  roles: {},
  orphans: {},
};

export async function importBack(
  run: Run,
  opened: OpenTarget,
  receipt: Receipt,
  dumpId: string,
  order: UndoOrder,
): Promise<Partial<Receipt>> {
  const { paths } = await safetyCopy(run, dumpId, receipt);
  await using reader = await openDump(paths);
  const target = { ...opened, environment: asDumped(opened.environment, reader.manifest, undefined) };
  refuseOtherDatabase(target, receipt, reader.manifest, order);
  await reader.verify({ signal: run.signal });
  const { kept, seen } = await keptInPlace(run, target, receipt, reader.manifest);
  const keptNames = [...kept, ...(keepsLargeObjects(run, receipt) ? [largeObjectsName] : [])];
  const tablePolicies = keptNames.map((table) => ({ table, policy: 'preserve' as const }));
  const imported = await importDump({ ...run, config: { ...run.config, tablePolicies } }, target, reader, {
    asked: askedOfUndo,
    // Receipts of earlier versions do not say it.
    undoing: { stays: receipt.stayed ?? [] },
    seen,
    // Until the aliases have followed, only the database is changed.
    receipt: (imported) =>
      makeReceipt(run, 'rollback', run.now(), {
        target: target.environment.name,
        ...importFacts(imported, null),
      }),
  }).catch((error: unknown) => {
    if (!(error instanceof SyncError) || error.code !== 'TARGET_KEPT_TABLE') throw error;
    throw new SyncError(
      'CONFLICT_UNDO_CHANGED',
      `Rows written after the run do not fit the old state: ${error.message} Nothing was undone.`,
      { cause: error, details: error.details },
    );
  });
  try {
    await searchBack(run, target, receipt);
  } catch (error) {
    const { code, message, details } = asSyncError(error);
    throw new SyncError(code, `The database is back to its previous state; the search is not: ${message}`, {
      cause: error,
      details,
      hint: 'Run "typesense" for this environment.',
    });
  }
  return importFacts(imported, null);
}

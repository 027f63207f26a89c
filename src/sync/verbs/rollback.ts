import { lackWords } from '../../plan/lack-words.ts';
import { asSyncError, SyncError } from '../../errors/sync-error.ts';
import { environmentNamed } from '../ends/environments.ts';
import { stepsOf } from '../contract/requests.ts';
import type { Run } from '../contract/run.ts';
import { finishedBefore, jobRecordsOf, readJobRecord, writeJobRecord } from '../journal/records.ts';
import type { JobRecord } from '../journal/records.ts';
import { makeReceipt } from './make-receipt.ts';
import { openTarget } from '../recover/open-target.ts';
import { hasEffect, refuseOvertaken, refuseUndone, undoOrder } from '../undo/undo-order.ts';
import type { UndoOrder } from '../undo/undo-order.ts';
import type { RollbackInput } from '../contract/inputs.ts';
import type { CollectionReceipt, Receipt } from '../contract/receipts.ts';
import { undoBasis } from '../contract/undo-basis.ts';
import type { OpenTarget } from '../ends/opened-target.ts';
import { checkTargetAllowed } from '../ends/opened-target.ts';
import { exchangeBack } from './undo-by-exchange.ts';
import { mergeBack } from './undo-by-merge.ts';
import { importBack } from './undo-by-import.ts';
import { switchBack } from './undo-by-switch.ts';
import { aliasesBack, collectionsBack, removedAliases } from './undo-search.ts';
import { compareUndone } from './undone-search.ts';

/**
 * Undoes a job: the kept database goes live again (seconds) or, after `in-place`, the safety copy is imported; the
 * search aliases go back to their former collections. The database that was live until now is kept in turn. Errors:
 * USAGE_NOT_FOUND, CONFLICT_STATE, CONFLICT_UNDO_OVERTAKEN, CONFLICT_UNDO_GONE, CONFLICT_UNDO_CHANGED, those of a
 * switch.
 */
export async function rollbackJob(run: Run, input: RollbackInput): Promise<Receipt> {
  const startedAt = run.now();
  const { config, report } = run;
  const found = await recordOf(run, input.jobId);
  // One that died after its switch is finished by the recovery below; only then can be said what there is to undo.
  if (found.state !== 'running' || found.target === null) undoable(found);
  // What the undone run was about, its safety copy says.
  const environment = { ...environmentNamed(config, found.target ?? ''), schemas: null };
  checkTargetAllowed(environment, input.confirm);
  report.plan(stepsOf('rollback'));
  report.step('recover', 'Looking for leftovers of an earlier run');
  await using target = await openTarget(run, environment);
  const undoing = { ...run, signal: target.signal };
  const before = await finishedBefore(config, run.id);
  if (before !== null) return before;
  const record = await recordOf(run, input.jobId);
  const receipt = undoable(record);
  report.step('check', 'Checking what the undo would change');
  const order = undoOrder(record, await jobRecordsOf(config, environment.name));
  refuseOvertaken(record, order, input.passOver === true);
  const told = [
    ...order.overtakenBy.map((id) => `Job "${id}" ran later; its changes to the target are undone as well.`),
    ...removedAliases(target, receipt),
    ...lackWords(receipt.undoLacks),
  ];
  for (const sentence of told) report.log('warn', sentence);
  const collections = await collectionsBack(run, target, receipt);
  const facts = await goBack(undoing, target, { receipt, order, collections });
  await writeJobRecord(config, { ...record, undoneBy: run.id }).catch((error: unknown) => {
    // The job is undone all the same; the next run records it.
    run.journal.leaveOpen();
    report.log('warn', 'The record of the undone job could not be updated.', {
      reason: asSyncError(error).message,
    });
  });
  const searched = await compareUndone(run, target, collections);
  for (const sentence of searched.warnings) report.log('warn', sentence);
  return makeReceipt(run, 'rollback', startedAt, {
    target: environment.name,
    ...facts,
    collections: searched.collections,
    warnings: [...told, ...(facts.warnings ?? []), ...searched.warnings],
  });
}

/** Goes back by what the job has left for it. CONFLICT_UNDO_GONE where that is nothing. */
async function goBack(
  run: Run,
  target: OpenTarget,
  {
    receipt,
    order,
    collections,
  }: {
    readonly receipt: Receipt;
    readonly order: UndoOrder;
    readonly collections: readonly CollectionReceipt[];
  },
): Promise<Partial<Receipt>> {
  const basis = undoBasis(receipt);
  switch (basis.by) {
    case 'kept database':
      return switchBack(run, { target, receipt, kept: basis.name, collections });
    case 'safety copy':
      return importBack(run, target, receipt, basis.dumpId, order);
    case 'kept schemas':
      return exchangeBack(run, target, receipt, basis.schema);
    case 'kept rows':
      return mergeBack(run, target, receipt, basis.schema);
    case 'search':
      return aliasesBack(run, target, receipt);
    case 'nothing':
      throw new SyncError(
        'CONFLICT_UNDO_GONE',
        `Job "${receipt.jobId}" kept nothing by which it could be undone. Nothing was changed.`,
      );
    default:
      return basis satisfies never;
  }
}

async function recordOf({ config }: Run, jobId: string): Promise<JobRecord> {
  const record = await readJobRecord(config, jobId);
  if (record !== null) return record;
  throw new SyncError('USAGE_NOT_FOUND', `There is no record of a job "${jobId}".`);
}

/**
 * The receipt of a job that changed something, even if it failed afterwards, and was not undone yet. CONFLICT_STATE.
 */
function undoable({ id, kind, state, receipt, undoneBy }: JobRecord): Receipt {
  if (state === 'running' || receipt?.type !== 'receipt' || !hasEffect({ receipt }))
    throw new SyncError(
      'CONFLICT_STATE',
      `Job "${id}" (${kind}, ${state}) changed nothing, so there is nothing to undo.`,
    );
  refuseUndone(id, { undoneBy });
  return receipt;
}

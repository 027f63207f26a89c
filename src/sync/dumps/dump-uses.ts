import type { Config } from '../../config/config.ts';
import { deleteDump, findDump } from '../../dump/store.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { unfinishedJournals } from '../journal/journal.ts';
import { readableJobRecord } from '../journal/records.ts';
import type { LocalJobRequest } from '../contract/requests.ts';
import { newestDump } from './newest-dump.ts';
import { dumpOfBasis, undoBasis } from '../contract/undo-basis.ts';

type Directories = Pick<Config, 'directories'>;

/** Who needs a dump, by its id: a part of a sentence, such as `job x, which reads it`. */
export type DumpUses = ReadonlyMap<string, string>;

/** Dumps that a job reads: the one it imports, the newest one that it rehearses, the copy that an undo brings back. */
export async function dumpsRead(config: Directories, request: LocalJobRequest): Promise<readonly string[]> {
  if (request.kind === 'import') return 'id' in request.input.dump ? [request.input.dump.id] : [];
  if (request.kind === 'rehearsal') {
    const newest = await newestDump(config, request.input.environment, () => {});
    return newest === null ? [] : [newest.id];
  }
  if (request.kind !== 'rollback') return [];
  const undone = await readableJobRecord(config, request.input.jobId);
  return undone?.receipt?.type === 'receipt' && undone.receipt.backup !== null
    ? [undone.receipt.backup.dumpId]
    : [];
}

/**
 * Dumps that runs of this data directory read or have written and did not end yet, whichever process runs them: their
 * open journals say so. A dead run's count until the next one has settled what it left. `except` is the asking run's
 * journal.
 */
export async function dumpsOfRuns(config: Directories, except = ''): Promise<DumpUses> {
  const uses = new Map<string, string>();
  for (const { jobId, entries } of await unfinishedJournals(config, () => true, except)) {
    for (const line of entries) {
      if (line.entry === 'dump') uses.set(line.dumpId, `job ${jobId}, which has not ended`);
      if (line.entry === 'started')
        for (const id of line.reads ?? []) uses.set(id, `job ${jobId}, which reads it`);
    }
  }
  return uses;
}

/**
 * Removes a dump that nobody needs. `queued`: those that jobs of a queue need. Throws STORAGE_DUMP_UNKNOWN, and
 * STORAGE_DUMP_BUSY naming who needs it: a job, or the undo of one that replaced its target in place, which has nothing
 * else to go back by. (Retention ends that, and says until when an undo is possible.) `withUndo`: whoever asks knows
 * that the undo goes too.
 */
export async function removeUnusedDump(
  config: Directories,
  id: string,
  queued: DumpUses,
  { withUndo = false } = {},
): Promise<void> {
  const { manifest } = await findDump(config, id);
  const user =
    queued.get(id) ??
    (await dumpsOfRuns(config)).get(id) ??
    (withUndo ? null : await undoBy(config, manifest));
  if (user === null) {
    await deleteDump(config, id);
    return;
  }
  throw new SyncError('STORAGE_DUMP_BUSY', `The dump "${id}" is needed by ${user}; it was not removed.`);
}

async function undoBy(
  config: Directories,
  {
    dumpId,
    jobId,
    purpose,
  }: { readonly dumpId: string; readonly jobId: string | null; readonly purpose: string },
): Promise<string | null> {
  if (purpose !== 'backup' || jobId === null) return null;
  const record = await readableJobRecord(config, jobId);
  const { receipt = null, undoneBy = null } = record ?? {};
  if (receipt?.type !== 'receipt' || undoneBy !== null) return null;
  if (dumpOfBasis(undoBasis(receipt)) !== dumpId) return null;
  return `the undo of job ${jobId}, which replaced "${receipt.target ?? ''}" in place`;
}

import { SyncError } from '../../errors/sync-error.ts';
import { Releasers } from '../../lib/releasers.ts';
import type { SyncRequest } from '../check/check-sync.ts';
import type { Receipt } from '../contract/receipts.ts';
import type { Run } from '../contract/run.ts';
import type { OpenTarget } from '../ends/opened-target.ts';
import { targetEnd } from '../ends/connect.ts';
import { databaseIdentity } from '../ends/target-facts.ts';
import { expireUndoSchemas } from '../merge/expire.ts';
import { expireKeptObjects } from '../switch/expire.ts';
import { mergeRows } from '../merge/merge-rows.ts';
import type { Merged } from '../merge/merge-rows.ts';
import { followWithSearch } from '../search/follow-with-search.ts';
import { searchOf } from './import-dump.ts';
import { makeReceipt } from './make-receipt.ts';
import { openBoth } from './open-both.ts';

export interface MergeRequest {
  readonly request: SyncRequest;
  /** What the run is about, a sentence each. */
  readonly notes: readonly string[];
  readonly stale: readonly string[];
  readonly startedAt: number;
}

/**
 * A sync in mode merge: rows alone, and only those that differ. No dump is written; the source stays open until the
 * target has its rows.
 */
export async function mergeEnvironments(
  given: Run,
  target: OpenTarget,
  { request, notes, stale, startedAt }: MergeRequest,
): Promise<Receipt> {
  const { from, to, asked } = request;
  await using releasers = new Releasers();
  const both = await openBoth({ ...given, signal: target.signal }, request, target, releasers);
  const { source, target: seen, checked } = both;
  const { choice, prepared } = checked;
  const plan = prepared?.plan ?? null;
  if (seen === null || choice === null || plan === null)
    throw new SyncError('INTERNAL', 'There is neither a plan nor a reason against it.');
  const run: Run = { ...given, signal: AbortSignal.any([target.signal, source.signal]) };
  const { report } = run;
  report.log('info', `Mode ${choice.mode}: ${choice.reason}.`);
  for (const warning of [...checked.warnings, ...(prepared?.warnings ?? [])]) report.log('warn', warning);
  const search = asked.search ? searchOf(run, target) : null;
  const receipt = (merged: Merged): Receipt =>
    makeReceipt(run, 'sync', startedAt, {
      source: from.name,
      target: to.name,
      mode: choice.mode,
      modeReason: choice.reason,
      rows: merged.tables.reduce((sum, { rows }) => sum + rows, 0),
      tables: merged.tables.toSorted((a, b) => (a.table < b.table ? -1 : 1)),
      sequences: plan.sequences.length + plan.keptSequences.length,
      objects: plan.objects.length,
      masking: both.source.masked?.told ?? null,
      undoSchema: merged.undoSchema,
      database: databaseIdentity(target.facts),
      collections: search?.receipts ?? [],
      warnings: [
        ...notes,
        ...both.selection.leftOut,
        ...both.mentioned,
        ...checked.warnings,
        ...(prepared?.warnings ?? []),
        ...stale,
        ...merged.notes,
      ],
      schemas: plan.names,
      leftOut: [...both.selection.named, ...(prepared?.leftOut ?? [])],
    });
  try {
    const merged = await mergeRows(run, {
      target,
      source,
      plan,
      model: seen.model,
      orphans: asked.orphans,
      receipt: (done) => receipt(done),
      search,
    });
    await releasers.release();
    if (search !== null) {
      await using database = run.connect(targetEnd(target.environment), { access: 'write', connections: 3 });
      await followWithSearch(run, search, database);
    }
    report.step('clean', 'Cleaning up');
    await search?.retire();
    await expireUndoSchemas(run, target.environment);
    await expireKeptObjects(run, target.environment);
    for (const sentence of stale) report.log('warn', sentence);
    return receipt(merged);
  } catch (error) {
    if (!run.journal.leftOpen) await search?.discard();
    throw error;
  }
}

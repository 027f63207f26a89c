import { SyncError } from '../../errors/sync-error.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import type { Receipt, TableReceipt } from '../contract/receipts.ts';
import type { Run } from '../contract/run.ts';
import { isUnsettled } from '../contract/unsettled.ts';
import { targetEnd } from '../ends/connect.ts';
import { keptUntil } from '../ends/kept-until.ts';
import { joinedQuietly, newTablePublications } from '../ends/new-table-publications.ts';
import type { OpenTarget } from '../ends/opened-target.ts';
import { databaseIdentity } from '../ends/target-facts.ts';
import type { PairedTable } from '../merge/apply-rows.ts';
import { dropUndoSchema, keepBeforeImages, readContents, undoSchemaOf } from '../merge/before-images.ts';
import { refreshViews } from '../merge/refresh-views.ts';
import { beginMerge, commitMerge } from '../merge/transaction.ts';
import { undoRows } from '../merge/undo-rows.ts';
import { makeReceipt } from './make-receipt.ts';
import { searchBack } from './undo-search.ts';

/**
 * Merges back what a merge has changed, in one transaction and without a row on the way: the rows as they were lie in
 * the target. Rows that others have changed since are named, and nothing is undone (CONFLICT_UNDO_CHANGED). What is
 * taken back is kept in turn. CONFLICT_UNDO_GONE.
 */
export async function mergeBack(
  run: Run,
  target: OpenTarget,
  receipt: Receipt,
  schema: string,
): Promise<Partial<Receipt>> {
  const { signal, report } = run;
  const options = { signal };
  if ((receipt.database ?? null) !== databaseIdentity(target.facts)) throw gone(receipt, schema);
  await using database = run.connect(targetEnd(target.environment), { access: 'write', connections: 3 });
  const session = await database.connect(options);
  try {
    const contents = await readContents(session, schema, options);
    if (contents === null || contents.job !== receipt.jobId) throw gone(receipt, schema);
    const warnings = await checkPublications(session, receipt, options);
    for (const sentence of warnings) report.log('warn', sentence);
    report.step('check', 'Changing the rows back');
    await beginMerge(
      run,
      session,
      target,
      contents.tables.flatMap(({ relations }) => relations),
    );
    const { paired, sequences } = await undoRows(session, schema, contents, options);
    const tables = paired.map(({ table }) => table);
    const changed = [
      ...tables.map(({ into }) => into),
      ...sequences.map((sequence) => qualifiedName(sequence.schema, sequence.name)),
    ];
    const { lockWaitSeconds: waitSeconds } = run.config.sync;
    await refreshViews(session, { statements: contents.refreshes, changed, waitSeconds }, options);
    const undoSchema = undoSchemaOf(run.id);
    const until = await keptUntil(session, run.config.sync.keepDatabaseHours);
    const relations = new Map(contents.tables.map((table) => [table.index, table.relations]));
    await keepBeforeImages(
      session,
      undoSchema,
      {
        job: run.id,
        until,
        tables: tables.map((table) => ({ ...table, relations: relations.get(table.index) ?? [] })),
        sequences,
        refreshes: contents.refreshes,
      },
      options,
    );
    await dropUndoSchema(session, schema, options);
    const facts = { ...factsOf(target, undoSchema, paired, sequences.length), warnings };
    const own = makeReceipt(run, 'rollback', run.now(), { target: target.environment.name, ...facts });
    await commitMerge(run, session, database, { target, receipt: own, search: false });
    await searchBack(run, target, receipt);
    return facts;
  } catch (error) {
    if (isUnsettled(error)) run.journal.leaveOpen();
    else signal.throwIfAborted();
    throw databaseError(error, 'target', `Undoing job "${receipt.jobId}"`);
  } finally {
    await session.rollback();
    await session.release();
  }
}

/** What is taken back is kept in new tables, like the rows of the merge. TARGET_UNSUPPORTED for subscribers' sake. */
async function checkPublications(
  session: Session,
  { jobId }: Receipt,
  options: { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const found = await newTablePublications(session, options);
  if (found === null) return [];
  if (!found.read) return [joinedQuietly(found)];
  throw new SyncError(
    'TARGET_UNSUPPORTED',
    `Job "${jobId}" cannot be undone now. ${found.what}; subscribers, which have no such tables, would stop.`,
    {
      details: { publications: found.names },
      hint: 'Have the publication name its tables or schemas until the undo is done. Nothing was changed.',
    },
  );
}

function factsOf(
  target: OpenTarget,
  undoSchema: string,
  paired: readonly PairedTable[],
  sequences: number,
): Partial<Receipt> {
  return {
    mode: 'merge',
    modeReason: 'the rows that the job changed',
    undoSchema,
    database: databaseIdentity(target.facts),
    rows: paired.reduce((sum, { counts }) => sum + counts.inserted + counts.updated, 0),
    sequences,
    tables: paired.map(({ table, counts }): TableReceipt => ({
      table: table.name,
      rows: counts.inserted + counts.updated,
      content: 'kept',
      digest: null,
      equal: true,
      changed: counts,
    })),
  };
}

function gone({ jobId }: Receipt, schema: string): SyncError {
  return new SyncError(
    'CONFLICT_UNDO_GONE',
    `The rows that job "${jobId}" kept for its undo (schema "${schema}") are not in this database any more.`,
    { hint: 'Their time is over, or the database was replaced since. Nothing was changed.' },
  );
}

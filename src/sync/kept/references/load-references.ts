import type { ImportPlan } from '../../../plan/import-plan.ts';
import type { Database } from '../../../postgres/database.ts';
import type { Session } from '../../../postgres/session.ts';
import type { Reporter } from '../../../progress/progress.ts';
import { SyncError } from '../../../errors/sync-error.ts';
import { askReferences, askingMs } from './ask-references.ts';
import type { ReferenceAnswers } from './ask-references.ts';
import { missingRowsError } from './refuse-missing.ts';

type References = Pick<ImportPlan, 'references' | 'names'>;

/**
 * Compares references of the loaded rows with the live target's kept rows, before the kept tables are locked. An
 * import has no source that could be asked earlier, and the target of a sync may have changed since.
 * TARGET_KEPT_TABLE.
 */
export async function checkLoadedReferences(
  { references: questions, names }: References,
  databases: { readonly loaded: Database; readonly live: Database },
  { signal, report }: { readonly signal: AbortSignal; readonly report: Reporter },
): Promise<void> {
  if (questions.length === 0) return;
  const { loaded, live } = databases;
  const limit = AbortSignal.timeout(askingMs);
  const { missing, notes } = await inTransaction(loaded, signal, (ours) =>
    inTransaction(live, signal, (theirs) =>
      askReferences(
        {
          questions,
          names,
          source: { session: ours, names: 'source' },
          target: { session: theirs, names: 'target' },
        },
        { signal, limit },
      ),
    ),
  );
  if (missing.length > 0) throw missingRowsError(missing);
  for (const note of notes) report.log('warn', note);
}

async function inTransaction(
  database: Database,
  signal: AbortSignal,
  work: (session: Session) => Promise<ReferenceAnswers>,
): Promise<ReferenceAnswers> {
  return database.withSession(async (session) => {
    await session.execute('BEGIN TRANSACTION READ ONLY', { signal });
    const answers = await work(session);
    if (!session.broken) await session.execute('COMMIT', { signal });
    // It is not one of those that the run goes on with.
    session.retire();
    return answers;
  }, signal);
}

/**
 * Runs the statements that make foreign keys over kept rows, in the new database with all its rows. If the server
 * refuses one, the error says which rows refer to nothing. Within a transaction it continues from a savepoint. `end`:
 * the end whose schema names are in force.
 */
export async function tellingReferences(
  session: Session,
  { references: questions, names, end }: References & { readonly end: 'source' | 'target' },
  { signal }: { readonly signal: AbortSignal },
  work: () => Promise<void>,
): Promise<void> {
  const { inTransaction: within } = session;
  if (within) await session.execute('SAVEPOINT references_made', { signal });
  try {
    await work();
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof SyncError) || error.sqlState !== '23503' || session.broken) throw error;
    await session.execute(within ? 'ROLLBACK TO SAVEPOINT references_made' : 'BEGIN TRANSACTION READ ONLY', {
      signal,
    });
    const here = { session, names: end };
    const { missing } = await askReferences(
      { questions, names, source: here, target: here },
      { signal, limit: null },
    );
    if (!within) await session.execute('ROLLBACK', { signal });
    throw missing.length === 0 ? error : missingRowsError(missing, error);
  }
  if (within) await session.execute('RELEASE SAVEPOINT references_made', { signal });
}

import type { Database } from '../../postgres/database.ts';
import type { Session } from '../../postgres/session.ts';
import type { Receipt } from '../contract/receipts.ts';
import type { Run } from '../contract/run.ts';
import type { OpenTarget } from '../ends/opened-target.ts';
import { databaseIdentity } from '../ends/target-facts.ts';
import { commitSurely, transactionId } from '../in-place/commit.ts';
import { beginLocked } from '../kept/lock-tables.ts';

/**
 * Begins the transaction that changes rows: writers of these tables are kept off, no other run starts, and no trigger,
 * rule or foreign key acts. CONFLICT_TARGET_IN_USE, TARGET_LOCK_LOST.
 */
export async function beginMerge(
  run: Run,
  session: Session,
  target: OpenTarget,
  tables: readonly { readonly schema: string; readonly name: string }[],
): Promise<void> {
  const options = { signal: run.signal };
  await beginLocked(
    session,
    {
      relations: () => tables.map(({ schema, name }) => ({ schema, name, owner: null })),
      mode: 'SHARE',
      waitSeconds: run.config.sync.lockWaitSeconds,
      what: 'Locking the tables that are merged',
    },
    options,
  );
  await target.lock.holdIn(session, options);
  await session.execute('SET LOCAL session_replication_role = replica', options);
}

/** Commits it, with the line in the journal by which a later run can tell whether it was. */
export async function commitMerge(
  run: Run,
  session: Session,
  database: Database,
  {
    target,
    receipt,
    search,
  }: { readonly target: OpenTarget; readonly receipt: Receipt | null; readonly search: boolean },
): Promise<void> {
  run.report.step('switch', 'Committing');
  run.signal.throwIfAborted();
  const xid = await transactionId(session);
  await run.journal.write({
    entry: 'commit',
    xid,
    database: databaseIdentity(target.facts),
    receipt,
    search,
  });
  await commitSurely(session, xid, database);
  run.journal.keepEffect(receipt);
}

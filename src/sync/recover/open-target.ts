import type { Environment } from '../../environments/environment.ts';
import { Releasers } from '../../lib/releasers.ts';
import { refuseTransactionPooler } from '../../postgres/pooler.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import type { Asker, Run, RunJournal } from '../contract/run.ts';
import { targetEnd } from '../ends/connect.ts';
import { checkTried } from '../ends/tried-servers.ts';
import { openMaintenance } from '../ends/maintenance.ts';
import type { Statements } from '../ends/maintenance.ts';
import { refuseSourceOnly } from '../ends/protected.ts';
import { removeStaged } from '../switch/staging.ts';
import { recoverTarget } from './recover.ts';
import { TargetLock } from '../ends/target-lock.ts';
import { connectedFacts, targetFacts } from '../ends/target-facts.ts';
import type { OpenTarget } from '../ends/opened-target.ts';
import { checkProtection } from '../ends/opened-target.ts';

/** The run that opens a target: all of a `Run`, or what a cancelled job has of it, which only clears up. */
export interface OpeningRun extends Asker, Pick<Run, 'config' | 'now' | 'report'> {
  readonly journal: Pick<RunJournal, 'name'>;
}

/**
 * Opens a target for writing: alone (advisory lock), after clearing up what a dead run left, and not through a
 * transaction pooler. Protection belongs to the database: if a `source-only` environment names the same database, it
 * is not opened. Closing gives up the lock. While it is open, use its `signal`: it ends the run when the lock is lost
 * (TARGET_LOCK_LOST). Errors: CONFLICT_TARGET_PROTECTED, TARGET_UNAVAILABLE, AUTH_DATABASE, CONFIG_POOLER,
 * TARGET_SERVER_UNTRIED, CONFLICT_TARGET_BUSY.
 */
export async function openTarget(run: OpeningRun, environment: Environment): Promise<OpenTarget> {
  checkProtection(environment);
  const releasers = new Releasers();
  const name = environment.database.parts.database;
  const recover = async (session: Statements, own: readonly number[]): Promise<void> => {
    const asking = { journalName: run.journal.name, own };
    for (const sentence of await recoverTarget(run, session, environment, asking))
      run.report.log('warn', sentence);
  };
  try {
    const beside = await openMaintenance(run, environment.database);
    if (beside !== null) {
      releasers.defer(() => beside[Symbol.asyncDispose]());
      await beside.lock(name, run);
    }
    const database = run.connect(targetEnd(environment), { access: 'write', connections: 2 });
    releasers.defer(() => database.close());
    await refuseTransactionPooler(database, run);
    const { untriedServers } = run.config.sync;
    await database.withSession((session) =>
      checkTried(session, { environment, side: 'target', untriedServers }, run),
    );
    const identity = await database.withSession((session) => connectedFacts(session, name, run));
    const { environments } = run.config;
    for (const sentence of await refuseSourceOnly(run, environments, environment, identity))
      run.report.log('warn', sentence);
    // Two roles may have different maintenance databases; only here do all runs meet.
    const lock = await TargetLock.take(database, name, beside?.session ?? null, run);
    releasers.defer(() => lock[Symbol.asyncDispose]());
    if (beside !== null) beside.targetLock = lock;
    await recover(beside ?? lock.session, beside === null ? [lock.pid] : [beside.pid, lock.pid]);
    for (const schema of await removeStaged(lock.session, run))
      run.report.log('warn', `Removed the unfinished schema "${schema}" of an earlier run.`);
    const facts = await targetFacts(lock.session, name, run);
    return {
      environment,
      facts,
      maintenance: beside,
      lock,
      signal: lock.signal,
      [Symbol.asyncDispose]: () => releasers.release(),
    };
  } catch (error) {
    // People must hear of the first failure, not of this one.
    await releasers.release().catch(() => {});
    throw databaseError(error, 'target', `Opening the target "${environment.name}"`);
  }
}

import type { CatalogModel } from '../../catalog/model.ts';
import type { Environment } from '../../environments/environment.ts';
import { Releasers } from '../../lib/releasers.ts';
import type { Database } from '../../postgres/database.ts';
import type { Queryable } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import type { Inspection } from '../contract/run.ts';
import { applicationNameOf } from './connect.ts';
import { checkTried } from './tried-servers.ts';
import { openMaintenance } from './maintenance.ts';
import { askedTarget, readTargetOn } from './read-target.ts';
import { connectedFacts, targetSessions } from './target-facts.ts';
import type { TargetFacts, TargetSession } from './target-facts.ts';

/** A target seen without touching it: no lock, no recovery. */
export interface TargetLook extends AsyncDisposable {
  readonly environment: Environment;
  readonly facts: TargetFacts;
  readonly maintenance: Queryable | null;
  readonly sessions: readonly TargetSession[];
  readonly model: CatalogModel;
  /** For what else is to be known of it. */
  readonly asked: Database;
}

/** Ids of plans begin with this; no job's id does. */
export const planPrefix = 'plan ';

export async function lookAtTarget(run: Inspection, environment: Environment): Promise<TargetLook> {
  const { untriedServers } = run.config.sync;
  const releasers = new Releasers();
  const name = environment.database.parts.database;
  try {
    const beside = await openMaintenance(run, environment.database);
    if (beside !== null) releasers.defer(() => beside[Symbol.asyncDispose]());
    const asked = askedTarget(run, environment);
    releasers.defer(() => asked.close());
    const facts = await asked.withSession(async (session) => {
      await checkTried(session, { environment, side: 'target', untriedServers }, run);
      return connectedFacts(session, name, run);
    }, run.signal);
    const model = await readTargetOn(asked, environment, run);
    const sessions = beside === null ? [] : await targetSessions(beside, name, {});
    return {
      environment,
      facts,
      maintenance: beside,
      asked,
      // They are over before anything is switched, this plan's as well as those of others who make one.
      sessions: sessions.filter(({ application }) => !application.startsWith(applicationNameOf(planPrefix))),
      model,
      [Symbol.asyncDispose]: () => releasers.release(),
    };
  } catch (error) {
    // People must hear of the first failure, not of this one.
    await releasers.release().catch(() => {});
    throw databaseError(error, 'target', `Looking at "${environment.name}"`);
  }
}

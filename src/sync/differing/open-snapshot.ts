import type { Environment } from '../../environments/environment.ts';
import type { Releasers } from '../../lib/releasers.ts';
import type { Session } from '../../postgres/session.ts';
import { exportSnapshot } from '../../postgres/snapshot.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import { openTeam } from '../../postgres/team.ts';
import type { Inspection } from '../contract/run.ts';
import { targetEnd } from '../ends/connect.ts';

/** Sessions that read a target in one snapshot, without locks; the releasers close them. */
export async function openSnapshot(
  run: Inspection,
  environment: Environment,
  count: number,
  releasers: Releasers,
  signal: AbortSignal,
): Promise<readonly Session[]> {
  const database = run.connect(targetEnd(environment), { access: 'read', connections: count });
  releasers.defer(() => database.close());
  try {
    const leader = await database.connect({ signal });
    releasers.defer(async () => {
      await leader.rollback();
      await leader.release();
    });
    const snapshot = await exportSnapshot(leader, { signal });
    return [leader, ...(await openTeam({ database, snapshot }, count - 1, releasers, { signal }))];
  } catch (error) {
    signal.throwIfAborted();
    throw databaseError(error, 'target', `Opening the sessions that compare rows of "${environment.name}"`);
  }
}

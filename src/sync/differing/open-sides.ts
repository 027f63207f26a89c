import type { Environment } from '../../environments/environment.ts';
import { both } from '../../lib/both.ts';
import type { Releasers } from '../../lib/releasers.ts';
import type { Session } from '../../postgres/session.ts';
import { openTeam } from '../../postgres/team.ts';
import type { Inspection } from '../contract/run.ts';
import type { OpenSource } from '../source/open-source.ts';
import { openSnapshot } from './open-snapshot.ts';

/** Memory of a server for the groups of one table: more than it takes, so that none of them goes to its disk. */
const groupsMemory = '64MB';

/** Pairs of sessions that compare tables, each end in one snapshot; the releasers close them. */
export async function openSides(
  run: Inspection,
  source: OpenSource,
  target: Environment,
  tables: number,
  releasers: Releasers,
): Promise<readonly (readonly [Session, Session])[]> {
  const count = Math.max(1, Math.min(run.config.sync.workers, tables));
  const [ones, others] = await both(
    (signal) => openTeam(source, count, releasers, { signal }),
    (signal) => openSnapshot(run, target, count, releasers, signal),
    run.signal,
  );
  for (const session of [...ones, ...others])
    await session.execute(`SET LOCAL work_mem = '${groupsMemory}'`, run);
  return ones.flatMap((one, index) => {
    const other = others[index];
    return other === undefined ? [] : [[one, other] as const];
  });
}

import type { Releasers } from '../../lib/releasers.ts';
import type { Session } from '../../postgres/session.ts';
import { joinSnapshot } from '../../postgres/snapshot.ts';
import type { OpenSource } from './open-source.ts';

/** Sessions that see what the source's snapshot shows; given back by the releasers, with their transactions ended. */
export async function snapshotSessions(
  source: OpenSource,
  count: number,
  releasers: Releasers,
  options: { readonly signal: AbortSignal },
): Promise<readonly Session[]> {
  const sessions: Session[] = [];
  while (sessions.length < count) {
    const session = await source.database.connect(options);
    releasers.defer(async () => {
      if (!session.broken) await session.execute('ROLLBACK').catch(() => session.cut());
      await session.release();
    });
    await joinSnapshot(session, source.snapshot, options);
    sessions.push(session);
  }
  return sessions;
}

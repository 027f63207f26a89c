import type { Releasers } from '../lib/releasers.ts';
import { shareOut } from '../lib/share-out.ts';
import type { Database } from './database.ts';
import type { CallOptions, Session } from './session.ts';
import { joinSnapshot } from './snapshot.ts';
import type { Snapshot } from './snapshot.ts';

/** Does work on every item of a list, on a team of sessions: see `shareOut`. */
export type Spread = <Item>(
  items: Iterable<Item>,
  work: (session: Session, item: Item, signal: AbortSignal) => Promise<void>,
) => Promise<void>;

/** The team of these sessions, which are open already and stay open. */
export function spreadOver(sessions: readonly Session[], signal: AbortSignal): Spread {
  return (items, work) => shareOut(items, sessions, work, signal);
}

/** Opens sessions that see what a snapshot shows. The releasers end their transactions and give them back. */
export async function openTeam(
  { database, snapshot }: { readonly database: Database; readonly snapshot: Snapshot },
  count: number,
  releasers: Releasers,
  options: CallOptions,
): Promise<readonly Session[]> {
  const sessions: Session[] = [];
  while (sessions.length < count) {
    const session = await database.connect(options);
    releasers.defer(async () => {
      await session.rollback();
      await session.release();
    });
    await joinSnapshot(session, snapshot, options);
    sessions.push(session);
  }
  return sessions;
}

import { SyncError } from '../../errors/sync-error.ts';
import { runWorkers } from '../../lib/run-workers.ts';
import type { Session } from '../../postgres/session.ts';

/** Does work on every item, on as many sessions as there are. The first failure stops the rest. */
export type Spread = <Item>(
  items: readonly Item[],
  work: (session: Session, item: Item, signal: AbortSignal) => Promise<void>,
) => Promise<void>;

/** On sessions that are open already. */
export function spreadOver(sessions: readonly Session[], signal: AbortSignal): Spread {
  return async (items, work) => {
    const free = [...sessions];
    await runWorkers(
      items,
      Math.min(sessions.length, items.length),
      async (next, either) => {
        const session = free.pop();
        if (session === undefined) throw new SyncError('INTERNAL', 'More workers than sessions.');
        for (let item = next(); item !== undefined && !either.aborted; item = next())
          await work(session, item, either);
      },
      signal,
    );
    signal.throwIfAborted();
  };
}

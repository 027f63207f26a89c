import type { Session } from '../../postgres/session.ts';

/**
 * Drops schemas one after the other, each in a transaction of its own: one that cannot go is told to `onFailure`, and
 * keeps no other. Rejects with the signal's reason, and where the session is lost.
 */
export async function dropEach(
  session: Session,
  schemas: readonly string[],
  drop: (schema: string) => Promise<void>,
  {
    signal,
    onDropped,
    onFailure,
  }: {
    readonly signal: AbortSignal;
    readonly onDropped: (schema: string) => void;
    readonly onFailure: (error: unknown, schema: string) => void;
  },
): Promise<void> {
  for (const schema of schemas) {
    try {
      await session.execute('BEGIN', { signal });
      await drop(schema);
      await session.execute('COMMIT', { signal });
    } catch (error) {
      signal.throwIfAborted();
      await session.execute('ROLLBACK', { signal });
      onFailure(error, schema);
      continue;
    }
    onDropped(schema);
  }
}

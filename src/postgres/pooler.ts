import type { Database } from './database.ts';

/**
 * Opens a session, which fails with CONFIG_POOLER where a pooler in transaction mode (or statement mode) answers, and
 * passes on a direct connection and on a pooler in session mode. A direct connection costs nothing extra: its backend
 * is the one that greeted us, and the session goes back to the pool for the next caller.
 */
export async function refuseTransactionPooler(
  database: Database,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const session = await database.connect(options);
  await session.release();
}

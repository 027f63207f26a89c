import { SyncError } from '../../errors/sync-error.ts';
import { asOwner } from '../../postgres/large-objects/contents.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';

/**
 * Runs one statement that makes large objects or adds to them, as the role that is to own them (null: as ourselves),
 * and compares how many the server counted. TARGET_COPY_FAILED.
 */
export async function runCounted(
  session: Session,
  input: { readonly sql: string; readonly owner: string | null; readonly rows: number },
  signal: AbortSignal,
): Promise<void> {
  const { sql, owner, rows } = input;
  let counted: number;
  try {
    if (owner !== null) await session.execute(asOwner(owner), { signal });
    const [row] = await session.query<{ rows: string }>(sql, [], { signal });
    counted = Number(row?.rows);
    if (owner !== null) await session.execute('RESET ROLE', { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw databaseError(error, 'target', 'Writing large objects', 'TARGET_COPY_FAILED');
  }
  if (counted !== rows)
    throw new SyncError(
      'TARGET_COPY_FAILED',
      `The target took ${counted} of ${rows} parts of large objects.`,
    );
}

/** Grants, comments and labels. */
export async function runPlain(session: Session, sql: string, signal: AbortSignal): Promise<void> {
  try {
    await session.execute(sql, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw databaseError(error, 'target', 'Granting and commenting on large objects');
  }
}

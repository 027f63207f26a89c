import { SyncError } from '../../../errors/sync-error.ts';
import { tableName } from '../../../lib/table-name.ts';
import type { Side } from '../../../postgres/conditions.ts';
import type { Database } from '../../../postgres/database.ts';
import type { Session } from '../../../postgres/session.ts';
import { databaseError, sqlState } from '../../../postgres/sqlstate.ts';
import { findLongRows } from './find.ts';
import type { KeyedRows, LongRows } from './find.ts';

/**
 * Whether every row can be written as a line of COPY: SOURCE_ROW_TOO_LONG or TARGET_ROW_TOO_LONG with tables and
 * keys. Returns a sentence for what may turn out too long.
 */
export async function checkLongRows(
  database: Database,
  tables: readonly KeyedRows[],
  name: string,
  side: Side,
  { signal }: { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  if (tables.length === 0) return [];
  return judgeLongRows(
    await database.withSession((session) => findLongRows(session, tables, { signal }), signal),
    name,
    side,
  );
}

/** Pure. */
function judgeLongRows(
  { tooLong, perhaps, passedOver }: LongRows,
  name: string,
  side: Side,
): readonly string[] {
  if (tooLong.length > 0) {
    throw new SyncError(
      side === 'source' ? 'SOURCE_ROW_TOO_LONG' : 'TARGET_ROW_TOO_LONG',
      `Rows of "${name}" are longer than 1 GB as text, which PostgreSQL can neither write nor read: ` +
        `${tooLong.join('; ')}.`,
      { details: { rows: tooLong } },
    );
  }
  return [
    ...(perhaps.length === 0
      ? []
      : [
          `Rows of "${name}" may be longer than 1 GB as text if many of their characters are written as two; a ` +
            `run would stop at them: ${perhaps.join('; ')}.`,
        ]),
    ...(passedOver.length === 0
      ? []
      : [
          `${passedOver.length} large table(s) of "${name}" were not searched for rows longer than 1 GB as ` +
            `text: ${passedOver.join(', ')}.`,
        ]),
  ];
}

/** A buffer that grew too large, and one that was asked for at once. */
export function isTooLong(error: unknown): boolean {
  const state = sqlState(error);
  const message = error instanceof Error ? error.message : '';
  return (
    (state === '54000' && /string buffer|too long|out of memory/i.test(message)) ||
    (state === 'XX000' && /invalid memory alloc request size/.test(message))
  );
}

export interface FailedReading {
  /** In the transaction in which it failed, which is ended here. */
  readonly session: Session;
  readonly side: Side;
  readonly table: KeyedRows;
  readonly what: string;
}

/**
 * An error of reading a table as text. Where a row was too long, the rows that it may have been are looked for, and
 * named by their keys.
 */
export async function readingError(
  error: unknown,
  { session, side, table, what }: FailedReading,
  { signal }: { readonly signal: AbortSignal },
): Promise<SyncError> {
  if (!isTooLong(error)) return databaseError(error, side, what);
  const named = await rowsMeant(session, table, signal);
  return new SyncError(
    side === 'source' ? 'SOURCE_ROW_TOO_LONG' : 'TARGET_ROW_TOO_LONG',
    `${what}: a row is longer than 1 GB as text, which PostgreSQL can neither write nor ` +
      `read${named.length === 0 ? '' : `; it is one of: ${named.join('; ')}`}.`,
    { cause: error, details: { table: tableName(table), rows: named } },
  );
}

/** Empty if the rows cannot be found any more; the failure itself must be reported. */
async function rowsMeant(
  session: Session,
  table: KeyedRows,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    await session.execute('ROLLBACK', { signal });
    const { tooLong, perhaps } = await findLongRows(session, [table], { signal });
    return [...tooLong, ...perhaps];
  } catch {
    return [];
  }
}

import { SyncError } from '../../errors/sync-error.ts';
import { sqlFile } from '../../lib/sql-file.ts';
import { sessionSettings } from '../../postgres/session-settings.ts';
import type { Session } from '../../postgres/session.ts';
import { sqlState } from '../../postgres/sqlstate.ts';

const objectHoldersSql = sqlFile(import.meta.url, './object-holders.sql');

/** How long a statement may wait for an object while everybody waits for us (ADR 22). */
const waitMs = 50;

export const shortWaits = `SET LOCAL lock_timeout = '${waitMs}ms'`;
export const usualWaits = `SET LOCAL lock_timeout = '${sessionSettings('write').get('lock_timeout') ?? '0'}'`;

export interface ObjectHolder {
  readonly pid: number;
  readonly role: string;
  readonly application: string;
  /** Null for a session whose open transaction has written something, anywhere in the database. */
  readonly objects: string | null;
}

/** Who holds objects (functions, types, operators …), and who may hold them. */
export async function objectHolders(
  session: Session,
  objects: readonly { readonly id: string }[],
  options: { readonly signal: AbortSignal },
): Promise<readonly ObjectHolder[]> {
  return session.query<ObjectHolder>(objectHoldersSql, [objects.map(({ id }) => id)], options);
}

/** Whether a statement has waited for as long as it may. */
export function hasWaited(error: unknown): boolean {
  return error instanceof SyncError && error.cause !== undefined && sqlState(error.cause) === '55P03';
}

/** CONFLICT_TARGET_IN_USE names who holds what goes, or, if that is not known, whose open transactions write. */
export function objectsInUse(holders: readonly ObjectHolder[], cause?: unknown): SyncError {
  const sure = holders.filter(({ objects }) => objects !== null);
  const who = (sure.length > 0 ? sure : holders).map(
    ({ pid, role, application, objects }) =>
      `pid ${pid} (${role}${application === '' ? '' : `, ${application}`})${objects === null ? '' : ` on ${objects}`}`,
  );
  const known =
    sure.length > 0 ? `objects are held by ${who.join('; ')}` : 'an open transaction changes one of them';
  const others =
    sure.length > 0 || who.length === 0 ? '' : `; those that have written something: ${who.join('; ')}`;
  return new SyncError(
    'CONFLICT_TARGET_IN_USE',
    `What is replaced could not be dropped: ${known}${others}. The run changed nothing.`,
    {
      cause,
      details: { sessions: who },
      hint: 'End these transactions, run at a quieter time, or raise LOCK_WAIT_SECONDS.',
    },
  );
}

import { SyncError } from '../../errors/sync-error.ts';
import { sqlState } from '../../postgres/sqlstate.ts';
import type { CallOptions, Session } from '../../postgres/session.ts';

/** One thing that is tried. */
export interface Piece {
  readonly id: string;
  readonly identity: string;
  readonly dependsOn: readonly string[];
  readonly partOf: string | null;
  /** Its statements, where they can run in one message with others; null where they cannot. */
  readonly sql: string | null;
  readonly run: (session: Session, options: CallOptions) => Promise<void>;
}

/** Statements that go to the server in one message: each round trip counts where it is far away. */
const messageLengthMax = 256 * 1024;

export interface PiecesRun {
  /** A sentence for each that failed. */
  readonly faults: readonly string[];
  /** Ids of those, and of what needs them. */
  readonly failed: ReadonlySet<string>;
}

/**
 * Runs pieces within the open transaction, many in one message. Where one fails, all run again one by one, each in a
 * savepoint, and each that fails is returned in words; what needs such a one is passed over. What is no fault of a
 * piece (a lost connection, no room for locks) is thrown.
 */
export async function runPieces(
  session: Session,
  pieces: readonly Piece[],
  options: { readonly signal: AbortSignal },
): Promise<PiecesRun> {
  await session.execute('SAVEPOINT pieces', options);
  try {
    await runTogether(session, pieces, options);
    return { faults: [], failed: new Set() };
  } catch (error) {
    options.signal.throwIfAborted();
    if (sqlState(error) === null && !isFaultOfPiece(error)) throw error;
  }
  await session.execute('ROLLBACK TO SAVEPOINT pieces', options);
  return runOneByOne(session, pieces, options);
}

async function runTogether(session: Session, pieces: readonly Piece[], options: CallOptions): Promise<void> {
  let message: string[] = [];
  let length = 0;
  const send = async (): Promise<void> => {
    if (message.length > 0) await session.execute(message.join('\n'), options);
    message = [];
    length = 0;
  };
  for (const piece of pieces) {
    if (piece.sql === null) {
      await send();
      await piece.run(session, options);
      continue;
    }
    message.push(piece.sql);
    length += piece.sql.length;
    if (length > messageLengthMax) await send();
  }
  await send();
}

async function runOneByOne(
  session: Session,
  pieces: readonly Piece[],
  options: { readonly signal: AbortSignal },
): Promise<PiecesRun> {
  const failed = new Set<string>();
  const faults: string[] = [];
  for (const piece of pieces) {
    if (failed.has(piece.partOf ?? '') || piece.dependsOn.some((id) => failed.has(id))) {
      failed.add(piece.id);
      continue;
    }
    await session.execute('SAVEPOINT piece', options);
    try {
      await piece.run(session, options);
      await session.execute('RELEASE SAVEPOINT piece', options);
    } catch (error) {
      options.signal.throwIfAborted();
      if (!isFaultOfPiece(error)) throw error;
      await session.execute('ROLLBACK TO SAVEPOINT piece; RELEASE SAVEPOINT piece', options);
      failed.add(piece.id);
      faults.push(`${piece.identity} (${reasonOf(error)})`);
    }
  }
  return { faults, failed };
}

/** What the server says against an object or its rows, and would say again. */
function isFaultOfPiece(error: unknown): error is SyncError {
  return (
    error instanceof SyncError &&
    error.category === 'target' &&
    error.retry === 'never' &&
    error.code !== 'TARGET_LOCKS_FULL' &&
    error.code !== 'TARGET_DAMAGED'
  );
}

/** `Creating view x: column y does not exist (SQLSTATE 42703).` without what the identity says already. */
function reasonOf({ message }: SyncError): string {
  return message.replace(/^(?:Creating|Loading rows into table) .*?: (?=\S)/, '').replace(/\.$/, '');
}

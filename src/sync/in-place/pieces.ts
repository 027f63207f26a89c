import { SyncError } from '../../errors/sync-error.ts';
import type { RunnableObject } from '../../plan/runnable-object.ts';
import { sqlState } from '../../postgres/sqlstate.ts';
import type { CallOptions, Session } from '../../postgres/session.ts';
import { runObjectsInOrder } from '../load/run-in-order.ts';

/** One thing that is tried. */
export interface Piece {
  readonly id: string;
  readonly identity: string;
  readonly dependsOn: readonly string[];
  readonly partOf: string | null;
  /** Null where it is no statement of an object. */
  readonly object: RunnableObject | null;
  readonly run: (session: Session, options: CallOptions) => Promise<void>;
}

export interface PiecesRun {
  /** A sentence for each that failed. */
  readonly faults: readonly string[];
  /** Ids of those, and of what needs them. */
  readonly failed: ReadonlySet<string>;
}

/**
 * Runs pieces within the open transaction, objects in a pipeline. Where one fails, all run again one by one, each in a
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

/** Objects that follow each other need not wait for each other's answers. */
async function runTogether(
  session: Session,
  pieces: readonly Piece[],
  options: { readonly signal: AbortSignal },
): Promise<void> {
  let objects: RunnableObject[] = [];
  const runObjects = async (): Promise<void> => {
    await runObjectsInOrder(session, objects, options);
    objects = [];
  };
  for (const { object, run } of pieces) {
    if (object !== null) {
      objects.push(object);
      continue;
    }
    await runObjects();
    await run(session, options);
  }
  await runObjects();
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

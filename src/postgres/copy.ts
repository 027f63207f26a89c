import type { Readable } from 'node:stream';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Session } from './session.ts';

/** How long a server may take to confirm that a COPY was given up, before its connection is cut. */
const abandonMs = 5_000;

export interface CopyOptions {
  readonly signal: AbortSignal;
  /** Called per chunk with its size. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/**
 * Loads COPY text from a stream; the statement may be bytes in the session's client_encoding. Returns the rows the
 * server counted. On abort or failure nothing of this COPY stays: the server is told (CopyFail) and, when it does not
 * answer within 5 s, the connection is cut. Rejects with the signal's reason after an abort, else with the first
 * cause. With a signal that has already fired no COPY is started; `rows` is destroyed then.
 */
export async function copyIn(
  session: Session,
  sql: string | Uint8Array,
  rows: Readable,
  options: CopyOptions,
): Promise<number> {
  if (options.signal.aborted) rows.destroy();
  session.refuseAborted(options.signal);
  const copy = session.copyFrom(sql);
  await guarded(session, options.signal, async (signal) => {
    await pipeline(rows, meter(options.onBytes), copy, { signal });
  });
  return copy.rowCount;
}

/**
 * Runs `COPY … TO STDOUT` and hands its stream to `consume`, which must read it to the end. Returns what `consume`
 * returns. On abort the statement is cancelled on the server.
 */
export async function copyOut<T>(
  session: Session,
  sql: string,
  options: CopyOptions,
  consume: (rows: Readable) => Promise<T>,
): Promise<T> {
  session.refuseAborted(options.signal);
  const copy = session.copyTo(sql);
  return guarded(session, options.signal, async (signal) => {
    const onAbort = (): void => {
      copy.destroy(signal.reason as Error);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await consume(copy);
    } catch (error) {
      copy.destroy();
      throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  });
}

/** Copies one table's rows from one server to another. Returns the rows the target counted. */
export async function copyAcross(
  from: { readonly session: Session; readonly sql: string },
  to: { readonly session: Session; readonly sql: string },
  options: CopyOptions,
): Promise<number> {
  return copyOut(from.session, from.sql, { signal: options.signal }, (rows) =>
    copyIn(to.session, to.sql, rows, options),
  );
}

async function guarded<T>(
  session: Session,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  let abandon: NodeJS.Timeout | undefined;
  const cancelling: Promise<void>[] = [];
  const onAbort = (): void => {
    abandon = setTimeout(() => session.cut(), abandonMs);
    abandon.unref();
    cancelling.push(session.cancel().catch(() => session.cut()));
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await work(signal);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw error;
  } finally {
    clearTimeout(abandon);
    signal.removeEventListener('abort', onAbort);
    // A cancel request on its way would hit whatever runs next.
    await Promise.all(cancelling);
  }
}

function meter(onBytes: ((bytes: number) => void) | undefined): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      onBytes?.(chunk.length);
      done(null, chunk);
    },
  });
}

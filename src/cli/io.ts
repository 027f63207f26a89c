import type { Writable } from 'node:stream';
import type { Screen } from './render/live-view.ts';

/** The process as the command line sees it; `bin.ts` makes it of `process`, tests of anything. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Without node and the script. */
  readonly argv: readonly string[];
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & Screen & { readonly isTTY?: boolean };
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** The clock, epoch milliseconds. */
  readonly now: () => number;
  /** Ends the process at once. */
  readonly exit: (code: number) => never;
  /** Calls `listener` at each SIGINT and SIGTERM; the answer ends that. */
  readonly onInterrupt: (listener: () => void) => () => void;
}

/**
 * Writing to a pipe whose reader is gone is no reason to stop half way through a job: what is written after that is
 * dropped. Any other fault of an output ends the process.
 */
export function surviveClosedPipes(io: Pick<Io, 'stdout' | 'stderr'>): void {
  for (const stream of [io.stdout, io.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}

/** Resolves when everything written so far has left the process. */
export async function flush(stream: Writable): Promise<void> {
  if (stream.destroyed || !stream.writable) return;
  await new Promise<void>((resolve) => {
    stream.write('', () => {
      resolve();
    });
  });
}

/** https://no-color.org: any value but the empty one turns colour off. */
export function wantsColour(io: Pick<Io, 'env'>, stream: { readonly isTTY?: boolean }): boolean {
  const { NO_COLOR: noColor, TERM: term } = io.env;
  return stream.isTTY === true && (noColor === undefined || noColor === '') && term !== 'dumb';
}

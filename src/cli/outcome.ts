import { exitCodes } from '../errors/outcome.ts';
import { asSyncError, errorReport } from '../errors/sync-error.ts';
import type { SyncError } from '../errors/sync-error.ts';
import type { Context } from './context.ts';
import { jsonLine, painter, safe } from './render/text.ts';

/** What a command came to. */
export interface Outcome {
  /** The fields of the result line of `--json`. */
  readonly fields: object;
  /** The same for people; ends with a line feed. */
  readonly text: string;
  /** A result that is no success, such as two databases that differ: shown whole, and the exit code says it. */
  readonly error?: SyncError | undefined;
}

/** A job that did not succeed: its error, and what the target is now. */
export class JobFailure extends Error {
  override readonly name = 'JobFailure';
  readonly error: SyncError;
  readonly jobId: string;
  /** A sentence for people; null where nothing is known. */
  readonly target: string | null;

  constructor(error: SyncError, jobId: string, target: string | null) {
    super(error.message, { cause: error });
    this.error = error;
    this.jobId = jobId;
    this.target = target;
  }
}

/** Writes the result, as the last line of `--json` or as text, and returns the exit code. */
export function writeOutcome({ io, options }: Pick<Context, 'io' | 'options'>, outcome: Outcome): number {
  const { fields, text, error } = outcome;
  if (options.json === true) {
    const report = error === undefined ? {} : { error: errorReport(error) };
    writeLine(io.stdout, { ...fields, type: 'result', ok: error === undefined, ...report });
  } else {
    io.stdout.write(text);
  }
  if (error === undefined) return 0;
  writePeople(io, error, null);
  return exitCodes[error.category];
}

/**
 * Writes a failure: the result line of `--json`, and always message, hint and code for people. Returns the exit code.
 */
export function writeFailure(
  { io, options }: { readonly io: Context['io']; readonly options: { readonly json?: boolean | undefined } },
  thrown: unknown,
): number {
  const failure = thrown instanceof JobFailure ? thrown : null;
  const error = failure === null ? asSyncError(thrown) : failure.error;
  const target = failure?.target ?? null;
  if (options.json === true) {
    const job = failure === null ? {} : { jobId: failure.jobId };
    writeLine(io.stdout, { type: 'result', ok: false, error: errorReport(error), target, ...job });
  }
  writePeople(io, error, target);
  return exitCodes[error.category];
}

/** `type` and `ok` come first, whatever the order they were given in. */
function writeLine(
  stdout: Context['io']['stdout'],
  line: { readonly type: string; readonly ok: boolean; readonly [field: string]: unknown },
): void {
  const { type, ok, ...rest } = line;
  stdout.write(`${jsonLine({ type, ok, ...rest })}\n`);
}

function writePeople(io: Context['io'], error: SyncError, target: string | null): void {
  const colour = io.stderr.isTTY === true && (io.env['NO_COLOR'] ?? '') === '';
  const paint = painter(colour);
  const lines = (text: string): string => text.split('\n').map(safe).join('\n');
  io.stderr.write(`${paint('red', 'Error:')} ${lines(error.message)}\n`);
  if (target !== null && !error.message.includes(target)) io.stderr.write(`Target: ${lines(target)}\n`);
  io.stderr.write(`Hint: ${lines(error.hint)}\nCode: ${error.code}\n`);
  for (const frame of placesOf(error)) io.stderr.write(`${paint('dim', safe(frame))}\n`);
}

const framesShown = 8;

/**
 * Where a bug showed itself. The foreign error's own message is left out: it may hold anything, an address with its
 * password for one.
 */
function placesOf({ code, cause }: SyncError): readonly string[] {
  if (code !== 'INTERNAL' || !(cause instanceof Error)) return [];
  const frames = (cause.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return frames.slice(0, framesShown);
}

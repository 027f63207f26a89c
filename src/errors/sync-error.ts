import { withoutAddresses } from '../lib/without-addresses.ts';
import { errorCatalogue } from './catalogue.ts';
import type { ErrorCategory, ErrorCode, RetryAdvice } from './catalogue.ts';

/** Facts for people and machines; never a password, a key or a row's value. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

export interface SyncErrorOptions {
  readonly details?: ErrorDetails | undefined;
  readonly cause?: unknown;
  /** Replaces the catalogue's hint where the raiser knows better. */
  readonly hint?: string | undefined;
}

/**
 * The one error class. `message` names the object, the fact and its consequence; `hint` says what to do next. Both
 * are shown to people as they are, so neither may hold a secret or a row's value (but for keys, as docs/security.md
 * says). `details` are for people too: code decides by the code and the accessors below.
 */
export class SyncError extends Error {
  override readonly name = 'SyncError';
  readonly code: ErrorCode;
  readonly category: ErrorCategory;
  readonly retry: RetryAdvice;
  readonly hint: string;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, options: SyncErrorOptions = {}) {
    super(withoutAddresses(message), options.cause === undefined ? undefined : { cause: options.cause });
    const { category, retry, hint } = errorCatalogue[code];
    this.code = code;
    this.category = category;
    this.retry = retry;
    this.hint = withoutAddresses(options.hint ?? hint);
    this.details = shownDetails(options.details ?? {});
  }

  /** The server's SQLSTATE; null where no server has said one. */
  get sqlState(): string | null {
    return textIn(this.details['sqlState']);
  }

  /** The status of an answer over HTTP; null where there was none. */
  get httpStatus(): number | null {
    const { httpStatus } = this.details;
    return typeof httpStatus === 'number' ? httpStatus : null;
  }

  /** False where nobody can tell whether the target is the old state or the new one. */
  get isSettled(): boolean {
    return this.details['settled'] !== false;
  }

  /** This process gave its job up: what becomes of the job is another's to say. */
  get isGivenUp(): boolean {
    return this.details['givenUp'] === true;
  }

  /** Aliases that a failed move left where they do not belong. */
  get notPutBack(): readonly string[] {
    return listIn(this.details['notPutBack']);
  }

  /** What a comparison has found different (MISMATCH_TABLES). */
  get differing(): Readonly<Record<'objects' | 'tables' | 'sequences', readonly string[]>> {
    const { objects, tables, sequences } = this.details;
    return { objects: listIn(objects), tables: listIn(tables), sequences: listIn(sequences) };
  }
}

function textIn(value: ErrorDetails[string] | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

function listIn(value: ErrorDetails[string] | undefined): readonly string[] {
  return Array.isArray(value) ? (value as readonly string[]) : [];
}

function shownDetails(details: ErrorDetails): ErrorDetails {
  const shown = (value: ErrorDetails[string]): ErrorDetails[string] => {
    if (typeof value === 'string') return withoutAddresses(value);
    return Array.isArray(value) ? (value as readonly string[]).map(withoutAddresses) : value;
  };
  return Object.fromEntries(Object.entries(details).map(([name, value]) => [name, shown(value)]));
}

/** An error as it travels in events, receipts, the journal and HTTP problem documents. */
export interface ErrorReport {
  readonly code: ErrorCode;
  readonly category: ErrorCategory;
  readonly message: string;
  readonly hint: string;
  readonly details: ErrorDetails;
}

/** What failed first, where closing (`await using`) failed after it: that one is the cause people must hear of. */
export function beforeClosing(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || thrown.name !== 'SuppressedError') return thrown;
  return beforeClosing((thrown as Error & { readonly suppressed: unknown }).suppressed);
}

const meaning = Symbol('meaning');

/** Says what a driver's error means where nobody on its way explains it better: `asSyncError` asks. */
export function explain(thrown: unknown, as: () => SyncError): void {
  if (thrown instanceof Error && !(thrown instanceof SyncError))
    Object.defineProperty(thrown, meaning, { value: as, configurable: true });
}

/**
 * Any thrown value as a `SyncError`. What is not ours and was not explained becomes INTERNAL: its message may hold
 * anything, so only its class name is shown; the original stays as `cause` for the log of a developer who asks for it.
 */
export function asSyncError(thrown: unknown): SyncError {
  const first = beforeClosing(thrown);
  if (first !== thrown) return asSyncError(first);
  if (thrown instanceof SyncError) return thrown;
  const explained = (thrown as { readonly [meaning]?: () => SyncError } | null)?.[meaning];
  if (explained !== undefined) return explained();
  const name = thrown instanceof Error ? thrown.name : typeof thrown;
  return new SyncError('INTERNAL', `Unexpected ${name} inside multiboard-sync.`, { cause: thrown });
}

export function errorReport(thrown: unknown): ErrorReport {
  const { code, category, message, hint, details } = asSyncError(thrown);
  return { code, category, message, hint, details };
}

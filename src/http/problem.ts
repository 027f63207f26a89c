import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import type { ErrorCode } from '../errors/catalogue.ts';
import { SyncError, asSyncError } from '../errors/sync-error.ts';
import type { ErrorDetails } from '../errors/sync-error.ts';
import { httpStatus } from './status.ts';

/** An RFC 9457 problem document, with this project's `code`, `hint` and `details`. */
export const problemSchema = z
  .object({
    /** Where the code is explained; a page of this service. */
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    hint: z.string(),
    details: z.record(
      z.string(),
      z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]),
    ),
    requestId: z.string().optional(),
  })
  .meta({ id: 'Problem' });

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly hint: string;
  readonly details: ErrorDetails;
  readonly requestId?: string;
}

export const problemContentType = 'application/problem+json';

/** Any thrown value as the document a client may see: what is not ours shows nothing but its class (INTERNAL). */
export function problemOf(thrown: unknown, requestId?: string): Problem {
  const { code, message, hint, details } = asSyncError(fromFramework(thrown));
  const status = httpStatus(code);
  return {
    type: `/docs#${code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: message,
    code,
    hint,
    details,
    ...(requestId === undefined ? {} : { requestId }),
  };
}

/**
 * Errors that express, its router and its body parser raise for a bad request, as ours. Their own messages quote the
 * request (the JSON parser shows a piece of the body), so none of them is passed on.
 */
function fromFramework(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || thrown instanceof SyncError) return thrown;
  const { type, status } = thrown as { readonly type?: unknown; readonly status?: unknown };
  if (type === 'entity.parse.failed') {
    return new SyncError('USAGE_INVALID', 'The request’s body is not valid JSON; nothing was started.');
  }
  if (type === 'entity.too.large') {
    return new SyncError('USAGE_BODY_TOO_LARGE', 'The request’s body is too large; nothing was started.');
  }
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return status === 404
      ? new SyncError('USAGE_NOT_FOUND', 'There is nothing at this address.')
      : new SyncError('USAGE_INVALID', 'The request could not be read; nothing was started.', {
          details: typeof type === 'string' ? { reason: type } : {},
        });
  }
  return thrown;
}

/**
 * What a log line may say about an error. The message of a foreign error can hold anything (an address with its
 * password, a row), so only its class and the places in the code are kept.
 */
export function loggableError(thrown: unknown): Record<string, unknown> {
  const { code, category, message, details, cause } = asSyncError(thrown);
  return { code, category, message, details, ...(cause === undefined ? {} : { cause: traceOf(cause) }) };
}

function traceOf(cause: unknown): Record<string, unknown> {
  if (!(cause instanceof Error)) return { type: typeof cause };
  const frames = (cause.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const { code } = cause as { readonly code?: unknown };
  return { type: cause.name, ...(typeof code === 'string' ? { code } : {}), at: frames.slice(0, 12) };
}

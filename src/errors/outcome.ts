import type { ErrorCategory } from './catalogue.ts';

/** The one place where a category becomes a process exit code (the command line's contract). */
export const exitCodes = {
  usage: 2,
  config: 3,
  auth: 4,
  conflict: 5,
  source: 10,
  target: 11,
  storage: 12,
  search: 13,
  mismatch: 20,
  internal: 70,
  cancelled: 130,
} as const satisfies Record<ErrorCategory, number>;

/** The one place where a category becomes an HTTP status. */
export const httpStatuses = {
  usage: 400,
  config: 422,
  auth: 401,
  conflict: 409,
  source: 502,
  target: 502,
  storage: 422,
  search: 502,
  mismatch: 409,
  internal: 500,
  cancelled: 409,
} as const satisfies Record<ErrorCategory, number>;

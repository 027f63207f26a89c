import { errorCatalogue } from '../errors/catalogue.ts';
import type { ErrorCode } from '../errors/catalogue.ts';
import { httpStatuses } from '../errors/outcome.ts';

/**
 * Codes whose HTTP status says more than their category's. A refused database or Typesense login is no 401: that would
 * tell the caller that its own API key is wrong.
 */
const exceptions: Partial<Record<ErrorCode, number>> = {
  AUTH_DATABASE: 502,
  AUTH_FORBIDDEN: 403,
  AUTH_ORIGIN_REFUSED: 403,
  AUTH_SEARCH: 502,
  CONFLICT_TARGET_PROTECTED: 403,
  NOTICE_UNDELIVERED: 502,
  QUEUE_FULL: 503,
  QUEUE_UNAVAILABLE: 503,
  SERVICE_STOPPING: 503,
  STORAGE_DUMP_BUSY: 409,
  STORAGE_DUMP_UNKNOWN: 404,
  STORAGE_FULL: 507,
  USAGE_BODY_TOO_LARGE: 413,
  USAGE_METHOD: 405,
  USAGE_NOT_FOUND: 404,
  USAGE_TOO_MANY_REQUESTS: 429,
};

/** The HTTP status of an error: its category's, or the exception above. The only place that knows. */
export function httpStatus(code: ErrorCode): number {
  return exceptions[code] ?? httpStatuses[errorCatalogue[code].category];
}

import type { CatalogModel } from '../../catalog/model.ts';
import { withoutHanging } from '../../catalog/restriction/restrict.ts';
import type { Environment } from '../../environments/environment.ts';
import { errorCatalogue } from '../../errors/catalogue.ts';
import type { ErrorCode } from '../../errors/catalogue.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { select } from '../../plan/select.ts';
import type { Selection } from '../../plan/select.ts';
import type { Database } from '../../postgres/database.ts';
import { checkReadable } from '../source/open-source.ts';

export interface SafetyCopyInput {
  /** The target. */
  readonly environment: Environment;
  readonly model: CatalogModel;
  /** What may stay out of the copy because it cannot be carried. */
  readonly leaveOut: readonly string[];
}

/**
 * The contents of a safety copy of the target, that is everything in it, and a sentence for each thing to know:
 * TARGET_UNSUPPORTED names what cannot be carried, TARGET_PRIVILEGE what this role may not read, TARGET_LOCKS_FULL a
 * server that has no room for it.
 */
export async function contentsOfSafetyCopy(
  database: Database,
  { environment, model, leaveOut }: SafetyCopyInput,
  options: { readonly signal: AbortSignal },
): Promise<{ readonly selection: Selection; readonly warnings: readonly string[] }> {
  try {
    const selection = select(withoutHanging(model), { rules: [], leaveOut });
    const warnings = await database.withSession(
      (session) => checkReadable(session, environment, options),
      options.signal,
    );
    return { selection, warnings };
  } catch (error) {
    options.signal.throwIfAborted();
    throw asTargetError(error, environment.name);
  }
}

/** Codes that have another name when the target is read; a code that is missing here cannot occur. */
const asTarget: Partial<Record<ErrorCode, ErrorCode>> = {
  SOURCE_CANCELLED_BY_SERVER: 'TARGET_CANCELLED_BY_SERVER',
  SOURCE_COPY_FAILED: 'TARGET_STATEMENT_FAILED',
  SOURCE_DAMAGED: 'TARGET_DAMAGED',
  SOURCE_DISK_FULL: 'TARGET_DISK_FULL',
  SOURCE_FILE_MISSING: 'TARGET_FILE_MISSING',
  SOURCE_LOCKS_FULL: 'TARGET_LOCKS_FULL',
  SOURCE_LOCK_TIMEOUT: 'CONFLICT_TARGET_BUSY',
  SOURCE_MEMORY: 'TARGET_MEMORY',
  SOURCE_NOT_READABLE: 'TARGET_PRIVILEGE',
  SOURCE_ENCODING: 'TARGET_ENCODING',
  SOURCE_ROW_TOO_LONG: 'TARGET_ROW_TOO_LONG',
  SOURCE_ROWS_HIDDEN: 'TARGET_PRIVILEGE',
  SOURCE_SERVER_UNTRIED: 'TARGET_SERVER_UNTRIED',
  SOURCE_SESSIONS_LIMIT: 'TARGET_SESSIONS_LIMIT',
  SOURCE_SNAPSHOT_LOST: 'TARGET_UNAVAILABLE',
  SOURCE_UNAVAILABLE: 'TARGET_UNAVAILABLE',
};

/** While the target is being read, what is said of "the source" is about the target. */
export function asTargetError(error: unknown, name: string): unknown {
  if (!(error instanceof SyncError) || error.category !== 'source') return error;
  const code = asTarget[error.code] ?? 'TARGET_UNSUPPORTED';
  return new SyncError(
    code,
    `The safety copy of "${name}" could not be written, so nothing was changed: ${error.message}`,
    {
      cause: error,
      details: error.details,
      hint: hintOfTarget(error),
    },
  );
}

/** Undefined where the code’s own hint is the right one: those of the other code speak of the source. */
function hintOfTarget({ code, retry, hint }: SyncError): string | undefined {
  if (retry === 'never') return `${hint} Or rely on the kept database alone (--backup kept).`;
  if (code === 'SOURCE_LOCK_TIMEOUT')
    return 'Another session (an application, a migration) locks a table of the target. Run again when it has ended.';
  return hint === errorCatalogue[code].hint ? undefined : hint;
}

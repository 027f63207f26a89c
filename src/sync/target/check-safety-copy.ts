import type { CatalogModel } from '../../catalog/model.ts';
import type { Environment } from '../../environments/environment.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { select } from '../../plan/select.ts';
import { Database } from '../../postgres/database.ts';
import { refuseUnreadable } from '../source/open-source.ts';

export interface SafetyCopyInput {
  readonly jobId: string;
  /** What may stay out of the copy because it cannot be carried. */
  readonly leaveOut: readonly string[];
}

/**
 * Whether a safety copy of the target can hold all of it: TARGET_UNSUPPORTED names what cannot be carried,
 * TARGET_PRIVILEGE what this role may not read.
 */
export async function checkSafetyCopy(
  environment: Environment,
  model: CatalogModel,
  { jobId, leaveOut }: SafetyCopyInput,
  options: { readonly signal: AbortSignal },
): Promise<void> {
  await using database = new Database({
    url: environment.database,
    purpose: 'source',
    applicationName: `multiboard-sync ${jobId}`,
    connectionsMax: 1,
  });
  try {
    select(model, { rules: [], leaveOut });
    await database.withSession(
      (session) => refuseUnreadable(session, { policies: [] }, options),
      options.signal,
    );
  } catch (error) {
    options.signal.throwIfAborted();
    throw asTargetError(error, environment.name);
  }
}

/** While the target is being read, what is said of "the source" is about the target. */
export function asTargetError(error: unknown, name: string): unknown {
  if (!(error instanceof SyncError) || error.category !== 'source') return error;
  const code =
    error.code === 'SOURCE_OBJECT_UNSUPPORTED'
      ? 'TARGET_UNSUPPORTED'
      : error.code === 'SOURCE_UNAVAILABLE'
        ? 'TARGET_UNAVAILABLE'
        : 'TARGET_PRIVILEGE';
  return new SyncError(
    code,
    `The safety copy of "${name}" could not be written, so nothing was changed: ${error.message}`,
    {
      cause: error,
      details: error.details,
      hint:
        code === 'TARGET_UNAVAILABLE'
          ? undefined
          : `${error.hint} Or rely on the kept database alone (--backup kept).`,
    },
  );
}

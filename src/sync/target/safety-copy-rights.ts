import type { Environment } from '../../environments/environment.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { Database } from '../../postgres/database.ts';
import { refuseUnreadable } from '../source/open-source.ts';

/** Whether this role may read all that a safety copy of the target has to hold. TARGET_PRIVILEGE names what it may not. */
export async function checkSafetyCopyRights(
  environment: Environment,
  jobId: string,
  options: { readonly signal: AbortSignal },
): Promise<void> {
  await using database = new Database({
    url: environment.database,
    purpose: 'source',
    applicationName: `multiboard-sync ${jobId}`,
    connectionsMax: 1,
  });
  try {
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

import { SyncError } from '../../errors/sync-error.ts';

/**
 * The connection broke during the one step that changes the target, and the server has not answered since.
 */
export function unsettled(step: string, cause: unknown): SyncError {
  return new SyncError(
    'TARGET_UNAVAILABLE',
    `The connection was lost in the middle of the ${step}, and the server cannot be asked whether it succeeded.`,
    {
      cause,
      details: { settled: false },
      hint:
        'The target is whole either way, the old state or the new one. Run again: the next run finds out ' +
        'which, and finishes the rest.',
    },
  );
}

/** Whether it is unknown after this error which state the target has. Then the journal must stay open. */
export function isUnsettled(error: unknown): boolean {
  return error instanceof SyncError && !error.isSettled;
}

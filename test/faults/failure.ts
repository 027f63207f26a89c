import { SyncError } from '../../src/errors/sync-error.ts';

/** The error of a run that must fail. */
export async function failure(work: Promise<unknown>): Promise<SyncError> {
  const error: unknown = await work.then(
    () => new Error('Should have failed.'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof SyncError) return error;
  throw error;
}

import { SyncError } from '../../src/errors/sync-error.ts';

/** The error of something that must fail. */
export async function failure(running: Promise<unknown>): Promise<SyncError> {
  const thrown: unknown = await running.then(
    () => new Error('It did not fail.'),
    (error: unknown) => error,
  );
  if (thrown instanceof SyncError) return thrown;
  throw thrown;
}

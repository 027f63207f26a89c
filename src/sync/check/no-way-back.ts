import { SyncError } from '../../errors/sync-error.ts';

/** TARGET_UNSUPPORTED, with everything that cannot be made again. */
export function noWayBack(name: string, objects: readonly string[]): SyncError {
  return new SyncError(
    'TARGET_UNSUPPORTED',
    `In place, the safety copy of "${name}" is the only way back, but it could not be loaded again: ` +
      `${objects.join('; ')}.`,
    {
      details: { objects },
      hint:
        'Repair the objects named in the target, or drop them there. Mode replace keeps the old database as ' +
        'it is and needs no such proof.',
    },
  );
}

import type { Environment } from '../../environments/environment.ts';
import type { Manifest } from '../../dump/manifest.ts';
import type { Masking } from '../../environments/masking.ts';
import { SyncError } from '../../errors/sync-error.ts';

/**
 * What becomes of an environment's rows when they are read for another one; `into` is null for a dump, which anybody
 * may be given. CONFLICT_MASKS_REQUIRED where they would be read as they are and may not.
 */
export function maskingFor(
  from: Environment,
  into: Environment | null,
  { unmasked }: { readonly unmasked: boolean },
): Masking | null {
  const masking = unmasked ? null : (from.masking ?? null);
  if (from.masking?.required !== true || requires(into)) return masking;
  if (masking !== null && masking.masks.length > 0) return masking;
  const why = unmasked ? 'was asked for without any' : 'has none';
  throw new SyncError(
    'CONFLICT_MASKS_REQUIRED',
    `"${from.name}" requires masks and ${why}; ${into === null ? 'a dump may go anywhere' : `"${into.name}" does not require them`}.`,
  );
}

/**
 * A dump of an environment that requires masks, taken without, is for that environment alone (a safety copy comes back
 * to it). CONFLICT_MASKS_REQUIRED.
 */
export function refuseUnmaskedDump(
  { dumpId, source, masking }: Pick<Manifest, 'dumpId' | 'source' | 'masking'>,
  from: Environment | undefined,
  into: Environment,
): void {
  if (from === undefined || from.name === into.name || !requires(from) || requires(into)) return;
  if ((masking?.columns.length ?? 0) > 0) return;
  throw new SyncError(
    'CONFLICT_MASKS_REQUIRED',
    `"${source.environment}" requires masks, and its dump ${dumpId} was taken without; "${into.name}" does not ` +
      'require them.',
  );
}

function requires(environment: Environment | null): boolean {
  return environment?.masking?.required === true;
}

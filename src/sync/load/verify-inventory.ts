import type { CatalogModel } from '../../catalog/model.ts';
import { readCatalog } from '../../catalog/read-catalog.ts';
import { SyncError } from '../../errors/sync-error.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import type { Session } from '../../postgres/session.ts';

/** Reads the catalogue of the loaded database in one snapshot and compares it with what was to be created. */
export async function verifyInventory(
  session: Session,
  plan: Pick<ImportPlan, 'objects' | 'leftOutKinds'>,
  options: { readonly signal: AbortSignal },
): Promise<void> {
  await session.execute('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY', options);
  const model = await readCatalog(session, {}, options);
  await session.execute('COMMIT', options);
  inventoryDifferences(model, plan);
}

/**
 * Compares a catalogue with what was to be created: every object, by identity, none missing and none more. Kinds the
 * options leave out (owner, privileges) are compared only when they were asked for. MISMATCH_TABLES names each difference.
 */
export function inventoryDifferences(
  model: CatalogModel,
  { objects, leftOutKinds }: Pick<ImportPlan, 'objects' | 'leftOutKinds'>,
): void {
  // Values of sequences are compared as values (verifySequences, carryKeptSequences).
  const compared = ({ kind }: { readonly kind: string }): boolean =>
    kind !== 'sequence value' && !leftOutKinds.has(kind);
  const wanted = new Set(objects.filter(compared).map(({ identity }) => identity));
  const found = new Set(model.objects.filter(compared).map(({ identity }) => identity));
  const all = [
    ...[...wanted].filter((identity) => !found.has(identity)).map((identity) => `${identity} is missing`),
    ...[...found].filter((identity) => !wanted.has(identity)).map((identity) => `${identity} is too many`),
    ...model.unsupported.map(({ identity }) => `${identity} is too many`),
  ];
  if (all.length === 0) return;
  throw new SyncError('MISMATCH_TABLES', `${all.length} object(s) differ after loading: ${all.join('; ')}.`, {
    details: { objects: all },
  });
}

import { SyncError } from '../errors/sync-error.ts';
import type { CollectionConfig } from './collection-config.ts';

const maxShrinkPercent = 50;
/** A collection of fewer documents may lose most of them on an ordinary day. */
const guardedFrom = 100;

/** Whether a rebuild with so many documents shrinks a collection more than it may. */
export function shrinksTooMuch(
  { maxShrink = maxShrinkPercent }: Pick<CollectionConfig, 'maxShrink'>,
  { live, documents }: { readonly live: number; readonly documents: number },
): boolean {
  return live >= guardedFrom && documents < live * (1 - maxShrink / 100);
}

/** SEARCH_SHRUNK where a rebuild would take away more of the live documents than the configuration allows. */
export function refuseShrunk(
  config: CollectionConfig,
  counts: { readonly live: number; readonly documents: number },
): void {
  if (!shrinksTooMuch(config, counts)) return;
  const { live, documents } = counts;
  throw new SyncError(
    'SEARCH_SHRUNK',
    `Collection "${config.name}" has ${live} documents, and its query yields ${documents}: a rebuild would take ` +
      `away more than ${config.maxShrink ?? maxShrinkPercent} %. Its alias was not moved.`,
    { details: { collection: config.name, live, documents } },
  );
}

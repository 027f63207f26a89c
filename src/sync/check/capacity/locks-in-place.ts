import type { CatalogModel } from '../../../catalog/model.ts';
import type { ImportPlan } from '../../../plan/import-plan.ts';
import type { Database } from '../../../postgres/database.ts';
import { judgeLocks, locksOfReplacing } from '../../capacity/locks.ts';

/**
 * Whether the server has room for the locks of one transaction that drops everything in the target and makes it
 * again: TARGET_LOCKS_FULL. Returns a sentence if there is hardly enough room. Asks on `database`, the target.
 */
export async function checkLocksInPlace(
  database: Database,
  { name, plan, model }: { readonly name: string; readonly plan: ImportPlan; readonly model: CatalogModel },
  options: { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const { room, locks } = await database.withSession(
    // What the target has is made again as well, to see that it can be (in-place/try-way-back.ts).
    (session) => locksOfReplacing(session, [plan.objects, model.objects], options),
    options.signal,
  );
  const largeObjects = plan.largeObjects === 'keep' ? 0 : model.largeObjects.count;
  return judgeLocks(room, {
    side: 'target',
    what:
      `Replacing "${name}" in place (${model.tables.length} ` +
      `tables${largeObjects === 0 ? '' : `, ${largeObjects} large objects`}, and what belongs to them)`,
    locks: locks + largeObjects,
    otherwise: 'choose mode replace (--mode replace), which needs no such locks',
  });
}

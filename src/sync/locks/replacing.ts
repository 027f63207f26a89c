import type { CatalogModel } from '../../catalog/model.ts';
import type { Environment } from '../../environments/environment.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import { Database } from '../../postgres/database.ts';
import { judgeLocks, locksOfReplacing } from './room.ts';

/**
 * Whether one transaction can drop all of the target and make it again: TARGET_LOCKS_FULL. Returns a sentence where it is
 * a near thing. Asks on a session of its own.
 */
export async function checkReplacingLocks(
  environment: Environment,
  { plan, model }: { readonly plan: ImportPlan; readonly model: CatalogModel },
  options: { readonly signal: AbortSignal; readonly jobId: string },
): Promise<readonly string[]> {
  await using database = new Database({
    url: environment.database,
    purpose: 'target',
    applicationName: `multiboard-sync ${options.jobId}`,
    connectionsMax: 1,
  });
  const { room, locks } = await database.withSession(
    // What the target has is made again as well, to see that it can be (in-place/try-way-back.ts).
    (session) => locksOfReplacing(session, [plan.objects, model.objects], options),
    options.signal,
  );
  const largeObjects = plan.largeObjects === 'keep' ? 0 : model.largeObjects.count;
  return judgeLocks(room, {
    side: 'target',
    what: `Replacing "${environment.name}" in place (${model.tables.length} tables${largeObjects === 0 ? '' : `, ${largeObjects} large objects`}, and what belongs to them)`,
    locks: locks + largeObjects,
    otherwise: 'choose mode replace (--mode replace), which needs no such locks',
  });
}

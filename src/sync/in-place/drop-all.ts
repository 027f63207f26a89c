import type { CatalogModel } from '../../catalog/model.ts';
import { largeObjectsId } from '../../catalog/large-objects/large-objects.ts';
import { isOfPublicSchema } from '../../plan/carry.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import { publicSchema } from '../../plan/schema-names.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';

/**
 * Drops the objects that the catalogue lists, in reverse order. If something unknown depends on one, the server
 * refuses.
 */
export async function dropAll(
  session: Session,
  model: CatalogModel,
  plan: ImportPlan,
  options: { readonly signal: AbortSignal },
): Promise<void> {
  for (const object of model.objects.toReversed()) {
    // The owner and the grants of the schema that stays are left alone with all others.
    if (object.dropSql === null || plan.leftOutKinds.has(object.kind)) continue;
    if (plan.staying.has(object.id)) continue;
    if (plan.largeObjects === 'keep' && object.id === largeObjectsId) continue;
    // Schema public keeps its name here, so it stays as it is.
    if (plan.names?.source === publicSchema && isOfPublicSchema(object)) continue;
    try {
      await session.execute(object.dropSql, options);
    } catch (error) {
      options.signal.throwIfAborted();
      throw databaseError(error, 'target', `Dropping ${object.identity}`);
    }
  }
}

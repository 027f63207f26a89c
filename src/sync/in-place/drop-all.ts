import type { CatalogModel } from '../../catalog/model.ts';
import { largeObjectsId } from '../../catalog/large-objects/large-objects.ts';
import { isOfPublicSchema, publicSchema } from '../../catalog/schemas/public-schema.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import { quoteIdentifier } from '../../postgres/identifiers.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import { runInOrder } from '../load/run-in-order.ts';

type CatalogObject = CatalogModel['objects'][number];

/** What a plan removes of the target, last made first. */
export function removedBy(plan: ImportPlan, model: CatalogModel): readonly CatalogObject[] {
  const removed = model.objects.toReversed().filter(
    (object) =>
      object.dropSql !== null &&
      // The owner and the grants of the schema that stays are left alone with all others.
      !plan.leftOutKinds.has(object.kind) &&
      !plan.staying.has(object.id) &&
      !(plan.largeObjects === 'keep' && object.id === largeObjectsId) &&
      // Schema public leaves its name to nobody here: it stays as it is.
      !(plan.names?.source === publicSchema && isOfPublicSchema(object)),
  );
  return removed.map((object) =>
    plan.replaced.has(object.id) ? { ...object, dropSql: forgotten(object, model) } : object,
  );
}

/**
 * What stands for dropping a function that keeps its place: nothing that was said of it remains, so that it is as a new
 * one until it gets its new definition.
 */
function forgotten(old: CatalogObject, { objects }: Pick<CatalogModel, 'objects'>): string {
  const subject = (old.dropSql ?? '').replace(/^DROP /, '').replace(/;$/, '');
  const parts = objects.filter(({ partOf }) => partOf === old.id);
  const roles = new Set(parts.filter(({ kind }) => kind === 'privileges').flatMap((part) => part.roles));
  return [
    `REVOKE ALL ON ${subject} FROM ${['PUBLIC', ...[...roles].map(quoteIdentifier)].join(', ')};`,
    `GRANT EXECUTE ON ${subject} TO PUBLIC;`,
    ...(parts.some(({ kind }) => kind === 'comment') ? [`COMMENT ON ${subject} IS NULL;`] : []),
  ].join('\n');
}

/** Drops objects in this order. Something unknown that depends on one makes the server refuse. */
export async function dropAll(
  session: Session,
  objects: readonly CatalogObject[],
  options: { readonly signal: AbortSignal },
): Promise<void> {
  await runInOrder(session, objects, {
    textOf: ({ dropSql }) => dropSql ?? '',
    failed: (error, { identity }) => databaseError(error, 'target', `Dropping ${identity}`),
    signal: options.signal,
  });
}

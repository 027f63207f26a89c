import type { CatalogModel } from '../../catalog/model.ts';
import { largeObjectsId } from '../../catalog/large-objects/large-objects.ts';
import { isOfPublicSchema, publicSchema } from '../../catalog/schemas/public-schema.ts';
import { SyncError } from '../../errors/sync-error.ts';
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
    plan.replaced.has(object.id) ? { ...object, dropSql: forgotten(object, model, plan) } : object,
  );
}

/**
 * What stands for dropping a function that keeps its place: nothing that was said of it remains, so that it is as a new
 * one until it gets its new definition.
 */
export function forgotten(
  old: CatalogObject,
  { objects }: Pick<CatalogModel, 'objects'>,
  { leftOutKinds }: Pick<ImportPlan, 'leftOutKinds'>,
): string {
  const subject = (old.dropSql ?? '').replace(/^DROP /, '').replace(/;$/, '');
  const parts = objects.filter(({ partOf }) => partOf === old.id);
  const roles = new Set(parts.filter(({ kind }) => kind === 'privileges').flatMap((part) => part.roles));
  const grantees = ['PUBLIC', ...[...roles].map(quoteIdentifier)].join(', ');
  return [
    // Without the source's grants it keeps its own.
    ...(leftOutKinds.has('privileges')
      ? []
      : [`REVOKE ALL ON ${subject} FROM ${grantees} CASCADE;`, `GRANT EXECUTE ON ${subject} TO PUBLIC;`]),
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

/**
 * What hangs on the schemas of the run from outside is put back as the plan saw it. CONFLICT_TARGET_CHANGED names what
 * somebody has made or changed since: it would be lost, or be the old one again.
 */
export function refuseChangedOutside(
  { objects }: Pick<CatalogModel, 'objects'>,
  { objects: planned, fromTarget, staying }: Pick<ImportPlan, 'objects' | 'fromTarget' | 'staying'>,
): void {
  const known = new Map(
    planned.filter(({ id }) => fromTarget.has(id)).map(({ identity, sql }) => [identity, sql]),
  );
  const changed = objects
    .filter(({ id, identity, outside, sql }) => {
      return outside !== undefined && !staying.has(id) && known.get(identity) !== sql;
    })
    .map(({ identity }) => identity);
  if (changed.length === 0) return;
  throw new SyncError(
    'CONFLICT_TARGET_CHANGED',
    `Outside the schemas of the run, what hangs on them was changed after the plan: ${changed.join(', ')}. ` +
      'The run changed nothing.',
    { details: { objects: changed } },
  );
}

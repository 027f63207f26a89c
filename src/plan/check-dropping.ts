import type { CatalogModel, CatalogObject } from '../catalog/model.ts';
import { isOfPublicSchema, publicSchema } from '../catalog/schemas/public-schema.ts';
import { unsupportedText } from '../catalog/unsupported/unsupported.ts';
import { SyncError } from '../errors/sync-error.ts';
import { ofOthers } from './belongs-to-others.ts';
import type { ImportPlan } from './import-plan.ts';
import type { TargetRights } from './target-rights.ts';

/** Kinds without an owner: only superusers may drop them, or restore what a new database has. */
const withoutOwner = new Set([
  'access method',
  'cast',
  'database setting',
  'privileges',
  'text search parser',
  'text search template',
]);

/**
 * In place, only the safety copy holds what is dropped: TARGET_UNSUPPORTED names what it cannot hold. `target`:
 * without what may be lost.
 */
export function checkInCopy({ unsupported }: Pick<CatalogModel, 'unsupported'>): void {
  const objects = unsupported.map(unsupportedText);
  if (objects.length === 0) return;
  throw new SyncError(
    'TARGET_UNSUPPORTED',
    `${objects.length} object(s) of the target cannot be made again, so they cannot be dropped in ` +
      `place: ${objects.join('; ')}.`,
    { details: { objects } },
  );
}

/**
 * In place, everything in the target is dropped first. TARGET_PRIVILEGE lists what must be dropped but belongs to
 * others: objects, default privileges of other roles, grants by others or on what comes with every database.
 */
export function checkDropping(
  target: CatalogModel,
  rights: TargetRights,
  { staying, leftOutKinds, names }: Pick<ImportPlan, 'staying' | 'leftOutKinds' | 'names'>,
): void {
  if (rights.superuser) return;
  const byId = new Map(target.objects.map((object) => [object.id, object]));
  const schemas = new Map(
    target.objects.filter(({ kind }) => kind === 'schema').map((object) => [object.name, object]),
  );
  const goes = (object: CatalogObject | undefined): boolean =>
    object !== undefined && object.dropSql !== null && !staying.has(object.id);
  // Owner, grants and comment of an object are dropped with it, whatever the options say about their kind.
  const goesAlong = ({ facts, partOf, schema }: CatalogObject): boolean =>
    goes(byId.get(partOf ?? '')) || (facts.forRole !== undefined && goes(schemas.get(schema ?? '')));
  const faultOf = (object: CatalogObject): string | null => {
    const { kind, identity, dropSql } = object;
    const isPublic = isOfPublicSchema(object);
    if (kind === 'owner' && !isPublic) return ofOthers(object, byId, rights);
    // It stays with its owner, or it stays because all of its kind stay.
    if ((dropSql === null || leftOutKinds.has(kind)) && !goesAlong(object)) return null;
    if (isPublic && names?.source === publicSchema) return null;
    if (isPublic && rights.publicSchema?.owned === false) return `${identity} (${rights.publicSchema.owner})`;
    const whose = ofOthers(object, byId, rights);
    if (whose !== null) return whose;
    if (dropSql === null || leftOutKinds.has(kind)) return null;
    const needsSuperuser = object.superuser && withoutOwner.has(kind) && !rights.privileged;
    // A cast without a function may be dropped by the owner of either type.
    const { withoutFunction } = object.facts;
    return needsSuperuser && withoutFunction !== true ? `${identity} (a superuser’s)` : null;
  };
  const foreign = target.objects.flatMap((object) => {
    const fault = staying.has(object.id) ? null : faultOf(object);
    return fault === null ? [] : [fault];
  });
  if (foreign.length === 0) return;
  throw new SyncError(
    'TARGET_PRIVILEGE',
    `"${rights.role}" may not drop ${foreign.length} object(s) of the target, which belong to ` +
      `others: ${foreign.join(', ')}.`,
    {
      details: { objects: foreign },
      hint:
        'Choose a database in which everything belongs to this role, grant the roles named to it, or ' +
        'leave objects as they are in the target (--leave-out, by these names).',
    },
  );
}

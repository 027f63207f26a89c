import type { CatalogModel } from '../catalog/model.ts';
import { isOfPublicItself, openToAll, publicSchema } from '../catalog/schemas/public-schema.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { ImportPlan } from './import-plan.ts';
import { meetsTarget } from './modes.ts';
import type { Mode } from './modes.ts';
import type { RunnableObject } from './runnable-object.ts';
import type { SchemaNames } from './schema-names.ts';
import type { TargetRights } from './target-rights.ts';

interface Place {
  readonly target: CatalogModel;
  readonly rights: TargetRights;
  readonly mode: Mode | null;
  readonly names: SchemaNames | null;
}

/**
 * Whether the schema public that the run will write to belongs to somebody else. If it is renamed,
 * `checkPublicSchema` checks that.
 */
function isForeign({ rights, mode, names }: Place): boolean {
  if (rights.superuser || names?.source === publicSchema || names?.target === publicSchema) return false;
  return meetsTarget(mode) ? rights.publicSchema?.owned === false : !rights.ownsNewPublic;
}

/**
 * Somebody else's schema public stays as it is if it is already as the run wants it: ids of the target (`ids`, in
 * place) that are not dropped, and of the dump (`matched`) that are not made.
 */
export function givenPublic(
  place: Place,
  fromDump: readonly RunnableObject[],
): { readonly ids: ReadonlySet<string>; readonly matched: ReadonlySet<string> } {
  const [ids, matched] = [new Set<string>(), new Set<string>()];
  if (!isForeign(place)) return { ids, matched };
  const { target, rights, mode } = place;
  const old = rights.versionNum < 150_000;
  // Only its owner may change what is said of it.
  const said = [fromDump.filter(isOfPublicItself), target.objects.filter(isOfPublicItself)] as const;
  const identities = new Set(said.flat().map(({ identity }) => identity));
  for (const identity of identities) {
    const wanted = said[0].find((object) => object.identity === identity);
    const own = said[1].find((object) => object.identity === identity);
    const present = meetsTarget(mode) ? own : undefined;
    const isGrant = (wanted ?? own)?.kind === 'privileges';
    const given = old && isGrant ? openToAll : undefined;
    const there = meetsTarget(mode) ? present?.sql : given;
    // A source from 15 on does not mention the initial grants, and does not want an older server's to be changed.
    if (wanted === undefined ? there !== given : wanted.sql !== there) continue;
    if (wanted !== undefined) matched.add(wanted.id);
    if (present !== undefined) ids.add(present.id);
  }
  return { ids, matched };
}

/**
 * What a plan would change in somebody else's schema public. TARGET_PRIVILEGE lists it: the server would refuse it
 * or, for a grant, warn and do nothing.
 */
export function checkGivenPublic(
  place: Place,
  { objects, fromTarget }: Pick<ImportPlan, 'objects' | 'fromTarget'>,
): void {
  if (!isForeign(place)) return;
  const { rights, mode } = place;
  const faults = objects
    .filter((object) => isOfPublicItself(object) && !fromTarget.has(object.id))
    .map(({ identity }) => identity);
  if (faults.length === 0) return;
  throw new SyncError(
    'TARGET_PRIVILEGE',
    `Schema public of ${meetsTarget(mode) ? 'the target' : 'a new database on this server'} ` +
      `does not belong to "${rights.role}", which may not change ${faults.join(', ')}.`,
    {
      details: { objects: faults },
      hint:
        'Leave them out (--leave-out, by these ' +
        `names)${meetsTarget(mode) ? ', let a superuser make the role the schema’s owner' : ''}, or ` +
        'run as a superuser.',
    },
  );
}

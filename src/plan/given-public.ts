import type { CatalogModel } from '../catalog/model.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { ImportPlan } from './import-plan.ts';
import type { RunnableObject } from './runnable-object.ts';
import { publicSchema } from './schema-names.ts';
import type { SchemaNames } from './schema-names.ts';
import type { TargetRights } from './target-rights.ts';

interface Place {
  readonly target: CatalogModel;
  readonly rights: TargetRights;
  readonly mode: 'replace' | 'in-place' | null;
  readonly names: SchemaNames | null;
}

/** Properties of schema public itself, which only its owner may change. */
const ownWords: readonly string[] = [
  'owner of schema public',
  'privileges on schema public',
  'comment on schema public',
];

/** The grant by which a new database of a server before 15 lets everybody create in it. */
export const openToAll = [
  'REVOKE USAGE ON SCHEMA "public" FROM PUBLIC;',
  'GRANT ALL ON SCHEMA "public" TO PUBLIC;',
].join('\n');

/**
 * Whether the schema public that the run will write to belongs to somebody else. If it is renamed,
 * `checkPublicSchema` checks that.
 */
function isForeign({ rights, mode, names }: Place): boolean {
  if (rights.superuser || names?.source === publicSchema || names?.target === publicSchema) return false;
  return mode === 'in-place' ? rights.publicSchema?.owned === false : !rights.ownsNewPublic;
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
  for (const identity of ownWords) {
    const wanted = fromDump.find((object) => object.identity === identity);
    const present = mode === 'in-place' ? target.objects.find((one) => one.identity === identity) : undefined;
    const given = old && identity === 'privileges on schema public' ? openToAll : undefined;
    const there = mode === 'in-place' ? present?.sql : given;
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
  { objects, carried }: Pick<ImportPlan, 'objects' | 'carried'>,
): void {
  if (!isForeign(place)) return;
  const { rights, mode } = place;
  const faults = objects
    .filter(({ id, identity }) => ownWords.includes(identity) && !carried.has(id))
    .map(({ identity }) => identity);
  if (faults.length === 0) return;
  throw new SyncError(
    'TARGET_PRIVILEGE',
    `Schema public of ${mode === 'in-place' ? 'the target' : 'a new database on this server'} ` +
      `does not belong to "${rights.role}", which may not change ${faults.join(', ')}.`,
    {
      details: { objects: faults },
      hint:
        'Leave them out (--leave-out, by these ' +
        `names)${mode === 'in-place' ? ', let a superuser make the role the schema’s owner' : ''}, or ` +
        'run as a superuser.',
    },
  );
}

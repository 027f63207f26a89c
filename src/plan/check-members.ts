import { memberFault } from '../catalog/extensions/extension-members.ts';
import type { CatalogModel } from '../catalog/model.ts';
import { SyncError } from '../errors/sync-error.ts';
import { membersFound } from './expected-members.ts';
import type { ExpectedMembers } from './expected-members.ts';
import type { RunnableObject } from './runnable-object.ts';
import type { TargetRights } from './target-rights.ts';

interface Place {
  readonly target: Pick<CatalogModel, 'extensionMembers'>;
  readonly rights: Pick<TargetRights, 'available'>;
  /** Ids of what is not made, because the target's own ones stay. */
  readonly matched: ReadonlySet<string>;
}

/**
 * Changed members of extensions that the target will not get, because its extension has another version or stays as
 * it is. Returns them as warnings; TARGET_VERSION if an object that is made needs one.
 */
export function checkMembers(
  objects: readonly RunnableObject[],
  made: ReadonlySet<string>,
  { target, rights, matched }: Place,
): readonly string[] {
  const members = new Map(target.extensionMembers.map((member) => [member.identity, member]));
  const versions = new Map(rights.available.map(({ name, version }) => [name, version]));
  const lost = new Map<string, { readonly identity: string; readonly reason: string }>();
  for (const object of objects) {
    // The others may come from the end of the extension's script.
    const { member } = object.facts;
    if (member?.wanted === undefined || !object.superuser) continue;
    const { extension: name, version } = member.wanted;
    const there = versions.get(name);
    if (matched.has(object.id)) {
      if (memberFault(object, member, members) !== null)
        lost.set(object.id, {
          identity: object.identity,
          reason: `extension ${name} of the target stays as it is`,
        });
    } else if (there !== undefined && there !== version && member.aspect === 'state') {
      const reason = `the target has version ${there} of the extension, the source ${version}`;
      lost.set(object.id, { identity: object.identity, reason });
    }
  }
  const faults = objects.flatMap(({ id, identity, kind, dependsOn }) => {
    const need = dependsOn.map((needed) => lost.get(needed)).find((one) => one !== undefined);
    return need === undefined || !made.has(id) || onlyOrder.has(kind)
      ? []
      : [`${identity} needs ${need.identity} (${need.reason})`];
  });
  if (faults.length > 0) {
    throw new SyncError(
      'TARGET_VERSION',
      `${faults.length} object(s) need changed members of an extension, and the target will not get ` +
        `that change: ${faults.join('; ')}.`,
      {
        details: { objects: faults },
        hint:
          'Bring the extension to one version on both sides, or make the same change on the target ' +
          'where it stays; or leave the objects out by name (--leave-out).',
      },
    );
  }
  return [...lost.values()].map(({ identity, reason }) => `${identity} are not made: ${reason}.`);
}

const onlyOrder = new Set(['extension member', 'owner', 'privileges', 'comment', 'security label']);

/**
 * What the source's extensions hold and the target's of the same version do not, or otherwise, as far as the target
 * shows it before a run. Changes that a statement of either end makes are not named here.
 */
export function otherMembers(
  source: ExpectedMembers & { readonly versionNum: number; readonly objects: readonly RunnableObject[] },
  target: Pick<CatalogModel, 'extensionMembers' | 'objects' | 'server'>,
  matched: ReadonlySet<string>,
): OtherMembers {
  const changed = [...source.objects, ...target.objects]
    .filter(({ facts }) => facts.member !== undefined)
    .map(({ identity }) => identity);
  const versions = { source: source.versionNum, target: target.server.versionNum };
  const stay: string[] = [];
  const forecasts: string[] = [];
  for (const { id, kind, name, identity } of source.objects) {
    if (kind !== 'extension') continue;
    const members = source.members.filter(({ extension }) => extension === name);
    const found = (leftOut: readonly string[]): ReturnType<typeof membersFound> =>
      membersFound(
        { members, leftOut: new Set([...source.leftOut, ...leftOut]) },
        target.extensionMembers,
        versions,
      );
    const others = [...found([]).missing.map((one) => `${one} is missing`), ...found(changed).others];
    if (others.length === 0) continue;
    const differs =
      `${identity} of the target holds something else than the source's, though it has the same version: ` +
      `${others.join('; ')}.`;
    if (matched.has(id)) stay.push(`${differs} It stays as it is.`);
    else
      forecasts.push(
        `${differs} A run makes what the extension's script makes: where a member is missing then, it stops ` +
          'before rows are loaded, and the others are named in its receipt.',
      );
  }
  return { stay, forecasts };
}

/** Sentences, one for each extension. */
export interface OtherMembers {
  readonly stay: readonly string[];
  /** What a run finds, if the target's extension is as its script makes it. */
  readonly forecasts: readonly string[];
}

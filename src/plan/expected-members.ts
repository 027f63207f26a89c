import { toleranceBetween } from '../catalog/comparison/definitions.ts';
import { memberDifferences } from '../catalog/extensions/member-differences.ts';
import type { ExtensionMember } from '../catalog/model.ts';
import type { RunnableObject } from './runnable-object.ts';

/** What the extensions that a run makes have to hold. */
export interface ExpectedMembers {
  readonly members: readonly ExtensionMember[];
  /** Identities that the options leave out: members, or changes of them. */
  readonly leftOut: ReadonlySet<string>;
}

/** Members of the extensions among `objects`; null if the dump does not say what its extensions hold. */
export function expectedMembers(
  objects: readonly Pick<RunnableObject, 'kind' | 'name'>[],
  members: readonly ExtensionMember[] | undefined,
  entries: readonly string[],
): ExpectedMembers | null {
  if (members === undefined) return null;
  const made = new Set(objects.filter(({ kind }) => kind === 'extension').map(({ name }) => name));
  return {
    members: entries.includes('extension member')
      ? []
      : members.filter(({ extension }) => made.has(extension)),
    leftOut: new Set(entries),
  };
}

/** `server_version_num` of the server that wrote the dump, and of the one that has loaded it. */
export interface MemberVersions {
  readonly source: number;
  readonly target: number;
}

/** What differs of the members that a run has made, without what the options leave out. */
export function membersFound(
  { members, leftOut }: ExpectedMembers,
  found: readonly ExtensionMember[],
  versions: MemberVersions,
): { readonly missing: readonly string[]; readonly others: readonly string[] } {
  const tolerance = toleranceBetween(versions.source, versions.target);
  const made = new Set(members.map(({ extension }) => extension));
  const there = found.filter(({ extension }) => made.has(extension));
  const differences = memberDifferences(sideOf(members), sideOf(there), { owners: false, tolerance }).filter(
    ({ name }) => !leftOut.has(name) && !leftOut.has(`changes of ${name}`),
  );
  // Scripts may ask for the server's version, and do otherwise.
  const isMissing = ({ difference }: { readonly difference: string }): boolean =>
    difference === 'is missing' && !tolerance.byMeaning;
  return {
    missing: differences.filter(isMissing).map(({ name }) => name),
    others: differences
      .filter((one) => !isMissing(one))
      .map(({ name, difference }) => `${name} ${difference}`),
  };
}

function sideOf(members: readonly ExtensionMember[]): Parameters<typeof memberDifferences>[0] {
  const versions = new Map(members.map(({ extension, version }) => [extension, version]));
  return {
    extensionMembers: members,
    extensions: [...versions].map(([name, version]) => ({ name, version })),
    objects: [],
  };
}

/** What to do about members that the target's extension does not make. */
export const missingMembersHint =
  'Somebody has renamed or moved them in the source, or added them to the extension. Bring them back (ALTER … ' +
  'RENAME TO, SET SCHEMA), or take what is yours out of the extension (ALTER EXTENSION … DROP); or leave them out ' +
  'by name (--leave-out), together with their changes.';

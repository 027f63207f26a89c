import { sameDefinition } from '../comparison/definitions.ts';
import type { Tolerance } from '../comparison/definitions.ts';
import type { Difference } from '../difference.ts';
import type { CatalogModel, ExtensionMember } from '../model.ts';

interface Options {
  readonly owners: boolean;
  readonly tolerance: Tolerance;
}

/**
 * Members that differ between the two sides, of extensions that both have in one version. The owner depends on the
 * role that installed the extension, so it is compared only if another role owns the member (extension-members.ts).
 */
export function memberDifferences(
  left: Pick<CatalogModel, 'extensionMembers' | 'extensions' | 'objects'>,
  right: Pick<CatalogModel, 'extensionMembers' | 'extensions' | 'objects'>,
  { owners, tolerance }: Options,
): readonly Difference[] {
  const versions = new Map(right.extensions.map(({ name, version }) => [name, version]));
  const shared = new Set(
    left.extensions.filter(({ name, version }) => versions.get(name) === version).map(({ name }) => name),
  );
  const compared = (members: readonly ExtensionMember[]): readonly ExtensionMember[] =>
    members.filter(({ extension }) => shared.has(extension));
  const rights = new Map(compared(right.extensionMembers).map((member) => [member.identity, member]));
  const lefts = new Map(compared(left.extensionMembers).map((member) => [member.identity, member]));
  const found: Difference[] = [];
  const tell = (name: string, difference: string): void => {
    found.push({ kind: 'object', name, difference });
  };
  const owned = new Set(
    [...left.objects, ...right.objects]
      .filter(({ kind }) => kind === 'owner')
      .map(({ identity }) => identity),
  );
  const same = (one: string | null, other: string | null, kind: string): boolean =>
    one === other ||
    (one !== null && other !== null && sameDefinition({ kind, sql: one }, { kind, sql: other }, tolerance));
  for (const [identity, member] of lefts) {
    const other = rights.get(identity);
    if (other === undefined) {
      tell(identity, 'is missing');
      continue;
    }
    if (!same(member.state, other.state, member.kind)) tell(identity, 'is different');
    if (member.comment !== other.comment) tell(`comment on ${identity}`, 'is different');
    if (member.partComments !== other.partComments) tell(`comments on parts of ${identity}`, 'are different');
    const name = `owner of ${member.identity}`;
    if (owners && owned.has(name) && member.owner !== other.owner) tell(name, 'is different');
  }
  for (const identity of rights.keys()) if (!lefts.has(identity)) tell(identity, 'is too many');
  return found;
}

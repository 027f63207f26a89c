import { sameDefinition, toleranceBetween } from './comparison/definitions.ts';
import { resolvedDifference } from './comparison/resolved.ts';
import { understoodDifference } from './comparison/understood.ts';
import { equalSql as equalUnderNames, isSchemaItself, renamedIdentity } from './comparison/renamed-schema.ts';
import type { RenamedSchema } from './comparison/renamed-schema.ts';
import type { Difference } from './difference.ts';
import { memberDifferences } from './extensions/member-differences.ts';
import { definitionIn } from './extensions/guarded.ts';
import { extensionOfPart } from './extensions/part-of-extension.ts';
import type { CatalogModel, CatalogObject, Understood } from './model.ts';
import { isInitialOfPublic } from './schemas/public-schema.ts';
import { unsupportedText } from './unsupported/unsupported.ts';

export interface CompareOptions {
  /** Compare who owns what. */
  readonly owners?: boolean | undefined;
  /** Compare grants. */
  readonly privileges?: boolean | undefined;
  /** A schema with another name on the right. Its owner, grants and comment are not compared then. */
  readonly renamed?: RenamedSchema | null | undefined;
  /** Compare what belongs to the database as such: its settings, and grants on it. */
  readonly databaseSettings?: boolean | undefined;
  /** How differences speak of the two: `in staging`. */
  readonly sides?: { readonly left: string; readonly right: string } | undefined;
}

const sidesDefault = { left: 'on the left', right: 'on the right' };

/**
 * Every object that is missing on the right, too many there, or different; values of sequences and versions of
 * extensions too. Rows are not looked at. Texts count as equal when they differ only in what a reload of the server's
 * own text changes (comparison/normalise.ts). What could not be read on a side is reported, because it cannot be
 * called equal.
 *
 * Queries are written differently by servers before 16 (every column with its table), so between such a server and a
 * later one views, materialized views, rules and policies are compared by name only. Between servers of two majors
 * expressions are compared by their meaning (comparison/meaning.ts). An extension that one side lacks is named, its
 * parts are not.
 */
export function compareModels(
  left: CatalogModel,
  right: CatalogModel,
  options: CompareOptions = {},
): Difference[] {
  const renamed = options.renamed ?? null;
  const sides = options.sides ?? sidesDefault;
  const compared =
    (side: 'left' | 'right') =>
    (object: CatalogObject): boolean =>
      object.facts.onlyState !== true &&
      object.facts.member === undefined &&
      !(object.kind === 'owner' && options.owners !== true) &&
      !(object.kind === 'privileges' && options.privileges !== true) &&
      !(object.kind === 'database setting' && options.databaseSettings !== true) &&
      !(renamed !== null && isSchemaItself(object, side, renamed));
  /** An identity as the left side says it. */
  const leftName = (identity: string): string =>
    renamed === null ? identity : renamedIdentity(identity, renamed);
  const rights = new Map(
    right.objects.filter(compared('right')).map((object) => [leftName(object.identity), object]),
  );
  const lefts = new Map(
    left.objects.filter(compared('left')).map((object) => [leftName(leftName(object.identity)), object]),
  );
  const comesWith = { left: partsComingWith(left, right), right: partsComingWith(right, left) };
  const tolerance = toleranceBetween(left.server.versionNum, right.server.versionNum);
  const differences: Difference[] = [];
  for (const [identity, object] of lefts) {
    const other = rights.get(identity);
    if (other === undefined && (isOldDefault(object, left, right) || comesWith.left(object))) continue;
    if (other === undefined) differences.push(difference(object, 'is missing'));
    else {
      const meaning =
        understoodDifference(object.understood, underNames(other.understood, leftName), sides) ??
        resolvedDifference(
          { resolved: object.resolved, versionNum: left.server.versionNum },
          { resolved: other.resolved?.map(leftName), versionNum: right.server.versionNum },
          sides,
        );
      const isEqual =
        sameDefinition(object, other, tolerance) ||
        (renamed !== null && equalUnderNames(definitionIn(object.sql), definitionIn(other.sql), renamed));
      if (meaning !== null) differences.push(difference(object, meaning));
      else if (!isEqual) differences.push(difference(object, 'is different'));
    }
  }
  for (const [identity, object] of rights) {
    if (!lefts.has(identity) && !isOldDefault(object, right, left) && !comesWith.right(object))
      differences.push({ ...difference(object, 'is too many'), name: identity });
  }
  return [
    ...differences,
    ...extensionDifferences(left, right, sides),
    // A member's state holds names of its schema, so under two names it is not compared (`verify` says so).
    ...(renamed === null
      ? memberDifferences(left, right, { owners: options.owners === true, tolerance })
      : []),
    ...unread(left, right),
  ];
}

function underNames(
  understood: Understood | undefined,
  leftName: (identity: string) => string,
): Understood | undefined {
  if (understood === undefined) return undefined;
  return { columns: understood.columns.map(leftName), uses: understood.uses.map(leftName).sort() };
}

/** Objects on a relation of an extension that the other side lacks. */
function partsComingWith(model: CatalogModel, other: CatalogModel): (object: CatalogObject) => boolean {
  const extensionOf = extensionOfPart(model.objects);
  const there = new Set(other.extensions.map(({ name }) => name));
  return (object) => {
    const extension = extensionOf(object);
    return extension !== null && !there.has(extension);
  };
}

/** Grants that a new database of a server before 15 has; a later server means them when it mentions none. */
function isOldDefault(object: CatalogObject, model: CatalogModel, other: CatalogModel): boolean {
  return other.server.versionNum >= 150_000 && isInitialOfPublic(object, model.server.versionNum);
}

function difference(object: CatalogObject, what: string): Difference {
  const kind = { table: 'table', sequence: 'sequence', 'sequence value': 'sequence' } as const;
  return {
    kind: kind[object.kind as keyof typeof kind] ?? 'object',
    name: object.identity,
    difference: what,
  };
}

function extensionDifferences(
  left: CatalogModel,
  right: CatalogModel,
  sides: NonNullable<CompareOptions['sides']>,
): Difference[] {
  const versions = new Map(right.extensions.map(({ name, version }) => [name, version]));
  return left.extensions.flatMap(({ name, version }): Difference[] => {
    const other = versions.get(name);
    if (other === undefined || other === version) return [];
    return [
      {
        kind: 'extension',
        name,
        difference: `is version ${version} ${sides.left} and ${other} ${sides.right}`,
      },
    ];
  });
}

function unread(left: CatalogModel, right: CatalogModel): Difference[] {
  const names = new Set([...left.unsupported, ...right.unsupported].map(unsupportedText));
  return [...names]
    .sort()
    .map((name) => ({ kind: 'object', name, difference: 'cannot be copied, so it is not compared' }));
}

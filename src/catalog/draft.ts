import { qualifiedName } from '../postgres/identifiers.ts';
import { displayQualified } from './display-name.ts';
import type { CatalogObject, FoundByPath, ObjectKind, Section, Understood } from './model.ts';
import type { ObjectFacts } from './object-facts.ts';

/** A row of a system catalog, as `pg_depend` and `pg_description` refer to it: `pg_class:16388`. */
export type Address = `${string}:${number}`;

export function address(catalog: string, oid: number): Address {
  return `${catalog}:${oid}`;
}

/** One catalog row that an object stands for. */
export interface Claim {
  readonly address: Address;
  readonly identity: string;
  /** What follows `COMMENT ON`; null where a comment is impossible. */
  readonly commentOn: string | null;
  /** The quoted name before `.column`, for rows with columns of their own. */
  readonly columnsOf: string | null;
  /** The oldest server that has such a row, for its comment; 0 for all. */
  readonly minServerMajor: number;
}

export function claim(
  address: Address,
  identity: string,
  commentOn: string | null,
  columnsOf: string | null = null,
  minServerMajor = 0,
): Claim {
  return { address, identity, commentOn, columnsOf, minServerMajor };
}

/** The type of a relation's rows, which comes with it and may have a comment of its own. */
export function rowTypeClaim({
  rowType,
  schema,
  name,
}: {
  readonly rowType: number;
  readonly schema: string;
  readonly name: string;
}): Claim {
  const identity = `row type ${displayQualified(schema, name)}`;
  return claim(address('pg_type', rowType), identity, `TYPE ${qualifiedName(schema, name)}`);
}

/** Answers whether a part got a statement of its own (order/repair-loops.ts). */
export type IsSeparate = (partId: string) => boolean;

/**
 * An object before its place is known. Parts (`inlineIn`) are usually written inside their owner's statement (a
 * default, a CHECK, a view's query) and become objects of their own only where a loop of dependencies asks for it.
 */
export interface Draft {
  readonly id: string;
  readonly kind: ObjectKind;
  readonly schema: string | null;
  readonly name: string;
  readonly identity: string;
  readonly section: Section;
  readonly sql: string | ((isSeparate: IsSeparate) => string);
  readonly dropSql: string | null;
  /** `of` is found when its place is known (order/order-drafts.ts). */
  readonly facts: ObjectFacts;
  /** What the text of the definition leaves open, as the source has understood it (model.ts). */
  readonly resolved: (isSeparate: IsSeparate) => readonly string[];
  readonly foundByPath: readonly FoundByPath[];
  readonly understood: ((isSeparate: IsSeparate) => Understood) | null;
  readonly partOf: string | null;
  readonly claims: readonly Claim[];
  /** Ids it needs besides what `pg_depend` says. */
  readonly needs: readonly string[];
  readonly locks: CatalogObject['locks'];
  readonly roles: readonly string[];
  readonly tablespaces: readonly string[];
  readonly minServerMajor: number;
  readonly superuser: boolean;
  readonly reference: CatalogObject['reference'];
  /** Role, and what stands between ALTER and OWNER TO; null where the object follows another one's owner. */
  readonly owner: {
    readonly role: string;
    readonly alter: string;
    /** For what is never dropped itself: the role that gets it back when everything else is dropped. */
    readonly reset?: string;
  } | null;
  /** The draft whose statement holds this part, and where the part goes when it must stand alone. */
  readonly inlineIn: string | null;
  readonly separateTo: Section | null;
  /**
   * The draft that this one announces (a shell of a type, a stub of a function). In a loop, others may depend on the
   * announcement alone; its `dropSql` then drops both, and whatever cannot be dropped before either.
   */
  readonly forerunnerOf: string | null;
  /** May move to post-data when it needs something there. */
  readonly postponable: boolean;
  /** Its statement needs the full definition of the views it names, not placeholders (views WITH CHECK OPTION). */
  readonly needsWholeViews: boolean;
}

type Essential = 'id' | 'kind' | 'name' | 'identity' | 'section' | 'sql' | 'dropSql';

export function draft(fields: Pick<Draft, Essential> & Partial<Draft>): Draft {
  return {
    schema: null,
    facts: {},
    resolved: () => [],
    foundByPath: [],
    understood: null,
    partOf: null,
    claims: [],
    needs: [],
    locks: [],
    roles: [],
    tablespaces: [],
    minServerMajor: 0,
    superuser: false,
    reference: undefined,
    owner: null,
    inlineIn: null,
    separateTo: null,
    forerunnerOf: null,
    postponable: false,
    needsWholeViews: false,
    ...fields,
  };
}

/** The ObjectKind of what `pg_class.relkind` says; relations of other kinds are not carried. */
function relationKind(
  relkind: string,
): 'table' | 'foreign table' | 'view' | 'materialized view' | 'sequence' {
  switch (relkind) {
    case 'f':
      return 'foreign table';
    case 'v':
      return 'view';
    case 'm':
      return 'materialized view';
    case 'S':
      return 'sequence';
    default:
      return 'table';
  }
}

export function relationId(relkind: string, oid: number): string {
  return `${relationKind(relkind)}:${oid}`;
}

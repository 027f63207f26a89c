/**
 * What an object is about, besides its kind. The reader of the object says it, and a dump keeps it, so that nobody has
 * to find it in identities and statements. Only what is there is present.
 */
export interface ObjectFacts {
  /**
   * Of an owner, grants, a comment or a security label: the kind of the object that it is a part of (`partOf`), or of
   * schema public, which is no object of a model. Grants on what comes with every database have none.
   */
  readonly of?: string | undefined;
  /** Of default privileges: the role whose later objects get them. */
  readonly forRole?: string | undefined;
  /** Of grants: the roles other than the owner as which its statements are run, each once. */
  readonly grantors?: readonly string[] | undefined;
  /** Of a comment: there is none, and the statement removes it. */
  readonly removes?: true | undefined;
  /** Of a cast: both types have the same bytes. */
  readonly withoutFunction?: true | undefined;
  /** Of row-level security: it is enabled, and holds for the table's owner too. */
  readonly forced?: true | undefined;
  /** Of a trigger: the statement only sets its state; the trigger itself comes with an extension. */
  readonly onlyState?: true | undefined;
  /** On a relation that an extension makes: the statement runs only where the target needs it (guarded.ts). */
  readonly guarded?: true | undefined;
  /** It changes a member of an extension, and is compared by the member's state (extension-members.ts). */
  readonly member?: MemberChange | undefined;
}

export interface MemberChange {
  /** Of the member, as `ExtensionMember` has it. */
  readonly identity: string;
  readonly aspect: 'state' | 'comment' | 'part comments' | 'owner';
  /** What the member shall be, and in which extension that was so; an owner stands in `roles`. */
  readonly wanted?:
    | { readonly extension: string; readonly version: string; readonly text: string }
    | undefined;
}

/** Kinds that are said of another object, and go with it. */
export const saidOfOthers: ReadonlySet<string> = new Set([
  'owner',
  'privileges',
  'comment',
  'security label',
]);

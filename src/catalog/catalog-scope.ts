/** What to read besides the database itself. */
export interface CatalogScope {
  /**
   * Options of user mappings, and subscriptions: both hold passwords. Without secrets, mappings are made without
   * options, and subscriptions are left out.
   */
  readonly secrets?: boolean | undefined;
  /**
   * The schema of the application’s tables, if the catalogue is read to be made again: the application's sessions
   * look there for names that the default search path does not reach. Without it, bodies of functions are not read,
   * because nothing that is compared depends on them.
   */
  readonly madeAgain?: { readonly schema: string } | undefined;
  /** False: everything lies in the database's own tablespace. */
  readonly tablespaces?: boolean | undefined;
  /** Tables that take no part: the values of their sequences are not read, which the role may not be allowed to. */
  readonly excluded?: ((schema: string, name: string) => boolean) | undefined;
  /**
   * Only these schemas, and what hangs on them (restriction/restrict.ts); null or undefined for the whole database.
   * `withHanging`: with the objects of other schemas that hang on them.
   */
  readonly schemas?: readonly string[] | null | undefined;
  readonly withHanging?: boolean | undefined;
}

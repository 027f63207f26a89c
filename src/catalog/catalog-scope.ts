/** What to read: the whole database, and of it what is not carried unless somebody asks. */
export interface CatalogScope {
  /**
   * Options of user mappings, which hold passwords: without them the mappings are made without options. Subscriptions,
   * whose connection strings do: without them they are left out.
   */
  readonly secrets?: boolean | undefined;
  /**
   * Where it is read to be made again: the schema of the application’s tables, in which its sessions look for names
   * that the default search path does not reach. Without it bodies of functions are not read: nothing that is
   * compared depends on them.
   */
  readonly madeAgain?: { readonly schema: string } | undefined;
  /** False: everything lies in the database's own tablespace. */
  readonly tablespaces?: boolean | undefined;
  /** Tables that take no part: the values of their sequences are not read, which the role may not be allowed to. */
  readonly excluded?: ((schema: string, name: string) => boolean) | undefined;
}

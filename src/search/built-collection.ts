/** A new collection, complete and compared with the database, that no alias points to yet. */
export interface BuiltCollection {
  /** The configured name. */
  readonly alias: string;
  /** The real collection. */
  readonly collection: string;
  /** Where the alias pointed when the build began, existing or not; null where there was no alias. */
  readonly aliasBefore: string | null;
  /** The same where it exists: what undo goes back to. */
  readonly previous: string | null;
  readonly documents: number;
  /** Bytes of JSON that were sent. */
  readonly bytes: number;
  readonly seconds: number;
}

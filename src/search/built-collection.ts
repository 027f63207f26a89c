/** A new collection, complete and compared with the database, that no alias points to yet. */
export interface BuiltCollection {
  /** The configured name. */
  readonly alias: string;
  /** The real collection. */
  readonly collection: string;
  /** Where the alias pointed when the build began, existing or not; null where there was no alias. */
  readonly aliasBefore: string | null;
  /** The same for the former collection, to which an undo goes back; null if there is none. */
  readonly previous: string | null;
  readonly documents: number;
  /** Bytes of JSON that were sent. */
  readonly bytes: number;
  readonly seconds: number;
}

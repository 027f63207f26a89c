/** A collection, complete and compared with the database; a new one, that no alias points to yet, or `unchanged`. */
export interface BuiltCollection {
  /** The configured name. */
  readonly alias: string;
  /** The real collection. */
  readonly collection: string;
  /** Where the alias pointed when the build began, existing or not; null where there was no alias. */
  readonly aliasBefore: string | null;
  /** The same for the former collection, to which an undo goes back; null if there is none. */
  readonly previous: string | null;
  /** It is the live one, which was found equal to the database: nothing was built, and nothing moves. */
  readonly unchanged: boolean;
  readonly documents: number;
  /** Bytes of JSON that were sent. */
  readonly bytes: number;
  readonly seconds: number;
}

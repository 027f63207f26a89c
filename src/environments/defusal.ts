/** A file of reviewed SQL that runs in new data before anybody can see it. */
export interface DefusalFile {
  /** As the configuration names it. */
  readonly name: string;
  readonly sql: string;
  readonly sha256: string;
}

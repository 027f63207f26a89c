/** A statement that is longer is sent on while it is read. */
export const longBytes = 4 * 1024 * 1024;

export interface DumpLimits {
  /** What a server takes of one statement or row: a message and a line have less than 1 GiB (MaxAllocSize). */
  readonly serverBytesMax: number;
  /** A longer statement that holds something else than rows is refused: it has to be looked at as a whole. */
  readonly statementBytesMax: number;
}

export const serverLimits: DumpLimits = {
  serverBytesMax: 0x3fff_ff00,
  statementBytesMax: 256 * 1024 * 1024,
};

/** As people say it: the next whole unit. */
export function sizeOf(bytes: number): string {
  const mebibytes = Math.ceil(bytes / 1024 / 1024);
  return mebibytes % 1024 === 0 ? `${mebibytes / 1024} GiB` : `${mebibytes} MiB`;
}

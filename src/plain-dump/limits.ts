/** What a server takes of one statement or row: a message and a line have less than 1 GiB (MaxAllocSize). */
export const serverBytesMax = 0x3fff_ff00;

/** A statement that is longer is sent on while it is read. */
export const longBytes = 4 * 1024 * 1024;

/** A longer one that holds something else than rows is refused: it has to be looked at as a whole. */
export const statementBytesMax: number = 256 * 1024 * 1024;

/** Ids of jobs and dumps: safe as a file's name, in an address and in a shell. */
export const idPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;

import type { ErrorCode } from '../errors/catalogue.ts';

export type Side = 'source' | 'target';

/** What a state of the server means for a run. */
export interface Condition {
  /** For people, where the server's own words may hold a value. */
  readonly words?: string;
  readonly source?: ErrorCode;
  readonly target?: ErrorCode;
  /** Instead of the code's own hint. */
  readonly hint?: string;
}

const unavailable = { source: 'SOURCE_UNAVAILABLE', target: 'TARGET_UNAVAILABLE' } as const;
const cancelled = { source: 'SOURCE_CANCELLED_BY_SERVER', target: 'TARGET_CANCELLED_BY_SERVER' } as const;
const memory = { source: 'SOURCE_MEMORY', target: 'TARGET_MEMORY' } as const;
const damaged = { source: 'SOURCE_DAMAGED', target: 'TARGET_DAMAGED' } as const;
const fileMissing = { source: 'SOURCE_FILE_MISSING', target: 'TARGET_FILE_MISSING' } as const;
const auth = { source: 'AUTH_DATABASE', target: 'AUTH_DATABASE' } as const;
const timeLimit = (setting: string): Condition => ({
  ...unavailable,
  words: `the server ended our session (${setting})`,
  hint: `Raise ${setting} for this role, or remove it, and run again.`,
});

/**
 * SQLSTATE or its class → what it means, most specific first (PostgreSQL manual, appendix "Error Codes"). A state
 * without a code is the fault of the statement or of its rows: the caller's own code stands.
 */
export const conditions: Readonly<Record<string, Condition>> = {
  '08': { ...unavailable, words: 'the connection failed' },
  '0A000': { words: 'a feature that the server does not have' },
  '22': { words: 'a data error' },
  '22001': { words: 'a value is too long for its type' },
  '22003': { words: 'a number is out of range' },
  '22007': { words: 'a date or time is malformed' },
  '22008': { words: 'a date or time is out of range' },
  '22012': { words: 'a division by zero' },
  '22021': { words: 'bytes are not valid in the database’s encoding' },
  '22P02': { words: 'a value is not valid for its type' },
  '22P04': { words: 'the COPY data is malformed' },
  '22P05': { words: 'a character has no place in the other encoding' },
  '23502': { words: 'a NULL where none is allowed' },
  '23503': { words: 'a foreign key has no matching row' },
  '23505': { words: 'a duplicate key' },
  '23514': { words: 'a check constraint is violated' },
  '23P01': { words: 'an exclusion constraint is violated' },
  '25006': {
    words: 'the server takes no writes (read-only)',
    hint: 'Connect to the primary server, not to a standby.',
  },
  '25P03': timeLimit('idle_in_transaction_session_timeout'),
  '25P04': timeLimit('transaction_timeout'),
  '28': { ...auth, words: 'the server refused the login' },
  '28P01': { ...auth, words: 'the password is wrong' },
  '3D000': {
    ...unavailable,
    words: 'the database does not exist',
    hint: 'Create the database, or correct its name in the environment’s address.',
  },
  '3F000': { words: 'a schema does not exist' },
  '40': { ...cancelled, words: 'the server gave up the transaction' },
  '40001': { ...cancelled, words: 'the server gave up the transaction in favour of another one' },
  '40P01': { ...cancelled, words: 'a deadlock with another session' },
  '42501': { source: 'SOURCE_NOT_READABLE', target: 'TARGET_PRIVILEGE', words: 'permission was denied' },
  '42601': { words: 'a syntax error' },
  '42602': { words: 'a name is malformed' },
  '42703': { words: 'a column does not exist' },
  '42704': { words: 'an object does not exist' },
  '42883': { words: 'a function or operator does not exist' },
  '42P01': { words: 'a relation does not exist' },
  '42P17': { words: 'the definition of an object is not allowed' },
  '53': { ...unavailable, words: 'the server lacks resources' },
  '53100': { source: 'SOURCE_DISK_FULL', target: 'TARGET_DISK_FULL', words: 'the server’s disk is full' },
  '53200': { ...memory, words: 'the server is out of memory' },
  '53300': {
    ...unavailable,
    words: 'the server has no free connection',
    hint:
      'Close other sessions, raise max_connections or the limit of the role or database, or use fewer ' +
      'workers (SYNC_WORKERS).',
  },
  '53400': {
    source: 'SOURCE_DISK_FULL',
    target: 'TARGET_DISK_FULL',
    words: 'a limit of the server’s configuration is exceeded',
    hint: 'Raise the limit of the server’s configuration that the message names (temp_file_limit, as a rule).',
  },
  '54': { words: 'a limit of PostgreSQL is exceeded' },
  '55006': { source: 'SOURCE_UNAVAILABLE', target: 'CONFLICT_TARGET_IN_USE', words: 'an object is in use' },
  '55P03': {
    source: 'SOURCE_LOCK_TIMEOUT',
    target: 'CONFLICT_TARGET_BUSY',
    words: 'a lock was not granted in time',
    hint:
      'Another session (an application, a migration, another run) holds a lock that is needed here. See who it is in ' +
      'pg_locks and pg_stat_activity, and run again when it has ended.',
  },
  '57': { ...unavailable, words: 'the server ended the session' },
  '57014': { ...cancelled, words: 'the server cancelled the statement' },
  '57P04': { ...unavailable, words: 'the database was dropped' },
  '57P05': timeLimit('idle_session_timeout'),
  '58030': { ...damaged, words: 'the server could not read or write a file' },
  '58P01': { ...fileMissing, words: 'a file of the server is missing' },
  F0000: { ...fileMissing, words: 'a file of the server’s configuration is missing or wrong' },
  P0: { words: 'a function or trigger raised an error' },
  XX000: { words: 'an internal error of the server' },
  XX001: { ...damaged, words: 'data of the server is damaged' },
  XX002: { ...damaged, words: 'an index of the server is damaged' },
};

/** What is told by the same state as something else (`dsm_impl.c`, `lock.c`). */
export const sharedMemory: Condition = {
  ...memory,
  words: 'the server has no shared memory left for parallel work',
  hint:
    'Give the server more shared memory (of a container: --shm-size), or set max_parallel_workers_per_gather = 0 and ' +
    'max_parallel_maintenance_workers = 0 for this role. This is not its disk.',
};

/**
 * A database that lets nobody in: its door is shut, or a DROP DATABASE that was interrupted left it unusable
 * (`postinit.c`).
 */
export const shutDatabase: Condition = {
  ...unavailable,
  words: 'the database lets nobody in',
  hint:
    'If it “is not currently accepting connections”, somebody shut it: ALTER DATABASE … ALLOW_CONNECTIONS true opens ' +
    'it. An “invalid” one is what an interrupted DROP DATABASE left: drop it, and make it again.',
};

/** The server cannot work with its own files; its disk may have become read-only (`elog.c` says 42501 then). */
export const ownFiles: Condition = {
  ...damaged,
  words: 'the server could not read or write a file of its own',
};

/** A quota is a full disk, for which the server has no state (`elog.c`). */
export const diskQuota: Condition = {
  source: 'SOURCE_DISK_FULL',
  target: 'TARGET_DISK_FULL',
  words: 'the disk quota of the server is used up',
};

/** A trigger of users that runs when somebody connects. */
export const loginTrigger: Condition = {
  ...auth,
  hint: 'A trigger for logins of that database (CREATE EVENT TRIGGER … ON login) refuses this role: ask its owner.',
};

/** A pooler or a provider’s proxy in front of the server, which has no words of PostgreSQL for what it means. */
export const refusedByProxy: Condition = { ...auth, words: 'the login was refused' };
export const proxyIsFull: Condition = {
  ...unavailable,
  words: 'there is no free connection',
  hint:
    'Close other sessions, raise the limit of the pooler (the size of its pool), or use fewer workers ' +
    '(SYNC_WORKERS).',
};

export const lockTable: Condition = {
  source: 'SOURCE_LOCKS_FULL',
  target: 'TARGET_LOCKS_FULL',
  words: 'the server’s lock table is full',
};

/**
 * Every error this project can raise: code, category, whether trying again helps, and what a person does next.
 * HTTP status, exit code, log level and the queue's retry decision derive from `category` (`outcome.ts`).
 * `docs/errors.md` lists the same codes; a test keeps the two equal.
 *
 * Add a code in its section, in alphabetical order. Codes are never renamed or reused.
 */

/** Who has to act, in the broad. */
export type ErrorCategory =
  | 'usage'
  | 'config'
  | 'auth'
  | 'conflict'
  | 'source'
  | 'target'
  | 'storage'
  | 'search'
  | 'mismatch'
  | 'cancelled'
  | 'internal';

/** `never`: the same call fails again. `again`: a later call may succeed. */
export type RetryAdvice = 'never' | 'again';

export interface ErrorEntry {
  readonly category: ErrorCategory;
  readonly retry: RetryAdvice;
  readonly hint: string;
}

const never = (category: ErrorCategory, hint: string): ErrorEntry => ({ category, retry: 'never', hint });
const again = (category: ErrorCategory, hint: string): ErrorEntry => ({ category, retry: 'again', hint });

export const errorCatalogue = {
  // usage
  USAGE_BODY_TOO_LARGE: never('usage', 'Send a smaller body; a request holds names and ids only.'),
  USAGE_CONFIRM_MISMATCH: never(
    'usage',
    'Pass confirm (CLI: --confirm) with exactly the name of the target environment.',
  ),
  USAGE_INVALID: never('usage', 'Correct the arguments; the message names each one.'),
  USAGE_METHOD: never('usage', 'Use a method of the Allow header; /docs lists every address.'),
  USAGE_NOT_FOUND: never('usage', 'Check the name or id; list what exists first.'),
  USAGE_TOO_MANY_REQUESTS: again('usage', 'Wait until the time in the Retry-After header.'),

  // config
  CONFIG_ENVIRONMENT_UNKNOWN: never(
    'config',
    'Set NAME_DATABASE_URL for the environment, or correct its name.',
  ),
  CONFIG_INVALID: never('config', 'Correct the setting that the message names.'),
  CONFIG_MASKS: never(
    'config',
    'Correct the rules that the message names (environments.NAME.masks, environments.NAME.where).',
  ),
  CONFIG_POOLER: never(
    'config',
    'Set NAME_DIRECT_URL (Prisma’s directUrl) to the database itself, or to a pooler in session mode (on Supabase ' +
      'port 5432); or let NAME_DATABASE_URL lead there.',
  ),
  CONFIG_SEARCH_MISSING: never(
    'config',
    'Set NAME_TYPESENSE_URL and NAME_TYPESENSE_API_KEY for the environment.',
  ),
  CONFIG_SERVICE_UNREACHABLE: again(
    'config',
    'Start the service (multiboard-sync serve), or correct the address after --server.',
  ),

  // auth
  AUTH_DATABASE: never('auth', 'Check user, password and pg_hba.conf for this environment’s database.'),
  AUTH_FORBIDDEN: never(
    'auth',
    'Use a token with the scope and the environment that the message names; an admin makes one (multiboard-sync ' +
      'tokens create).',
  ),
  AUTH_KEY_MISSING: never(
    'auth',
    'Send the API key or a token: Authorization: Bearer <API_KEY>. A service without API_KEY keeps its key ' +
      'in api-key of its data directory.',
  ),
  AUTH_ORIGIN_REFUSED: never(
    'auth',
    'Open the service as http://localhost:<port>, or set API_KEY to use it from elsewhere.',
  ),
  AUTH_SEARCH: never('auth', 'Check the Typesense API key of this environment and its scopes.'),

  // conflict
  CONFLICT_LEFT_OUT: never(
    'conflict',
    'Leave the objects named out as well (--leave-out, once for each), or leave out less.',
  ),
  CONFLICT_MASKS_REQUIRED: never(
    'conflict',
    'Give each column named a rule (keep for one that holds nothing personal), or read into an environment that ' +
      'requires masks too.',
  ),
  CONFLICT_MASKS_UNFIT: never(
    'conflict',
    'Choose rules that keep what the message names: hash and email keep values apart, one rule at both ends keeps a ' +
      'foreign key; filter so that nothing points at rows that are left out, or let it follow (pointing: follow).',
  ),
  CONFLICT_MIGRATIONS: never(
    'conflict',
    'Bring both to the same migrations first, copy the table as well (policy sync), or allow it ' +
      'on purpose (--ignore-migrations, SYNC_IGNORE_MIGRATIONS=true).',
  ),
  CONFLICT_SAME_DATABASE: never(
    'conflict',
    'Choose two different databases; these two names lead to the same one.',
  ),
  CONFLICT_SAME_SEARCH: never(
    'conflict',
    'Give each of the two environments its own Typesense, or remove NAME_TYPESENSE_URL of one of them.',
  ),
  CONFLICT_SCHEMA_NAMES: never(
    'conflict',
    'Rename one of the schemas the message names, or use the same schema name in both environments.',
  ),
  CONFLICT_STATE: never('conflict', 'The job is not in a state that allows this; check its state first.'),
  CONFLICT_TARGET_BUSY: again(
    'conflict',
    'Another run is writing to this target. Wait until it ends, or cancel it.',
  ),
  CONFLICT_TARGET_CHANGED: again(
    'conflict',
    'The target changed after its safety copy was written; nothing was changed. Run again.',
  ),
  CONFLICT_TARGET_IN_USE: again(
    'conflict',
    'Sessions on the target could not be ended. Close them, or choose --mode in-place.',
  ),
  CONFLICT_TARGET_PROTECTED: never(
    'conflict',
    'This environment may not be a target. Change its protection in the configuration, on purpose.',
  ),
  CONFLICT_UNDO_CHANGED: never(
    'conflict',
    'Somebody wrote rows into kept tables after the run, and undoing would lose them. Copy them ' +
      'first, or remove the policy. After a merge: others have changed the same rows, or their new ' +
      'rows break a constraint together with those that would come back.',
  ),
  CONFLICT_UNDO_GONE: never(
    'conflict',
    'The kept database is gone; import the safety dump named in the receipt instead.',
  ),
  CONFLICT_UNDO_OVERTAKEN: never(
    'conflict',
    'Undo the later jobs first, in the order of the message, or undo them all together on ' +
      'purpose: --pass-over (passOver of the API).',
  ),

  // source
  SOURCE_CANCELLED_BY_SERVER: again(
    'source',
    'The source cancelled our snapshot (standby conflict or an administrator). Run again.',
  ),
  SOURCE_COPY_FAILED: again('source', 'Reading a table failed; the message names it.'),
  SOURCE_DAMAGED: never(
    'source',
    'The source server cannot read its own data. See its log and its disk; restore from a backup what is damaged.',
  ),
  SOURCE_DISK_FULL: again(
    'source',
    'The source server has no space left, perhaps for temporary files. Free some, or enlarge its disk.',
  ),
  SOURCE_ENCODING: never('source', 'Correct the values named, or exclude their tables.'),
  SOURCE_FILE_MISSING: never(
    'source',
    'Install the library or file named on the source server (the package it came with), or drop ' +
      'the objects that need it.',
  ),
  SOURCE_LOCKS_FULL: never(
    'source',
    'Raise max_locks_per_transaction on the source server (it needs a restart), or exclude tables.',
  ),
  SOURCE_LOCK_TIMEOUT: again(
    'source',
    'A table of the source is being altered. Run again when the change is done.',
  ),
  SOURCE_MEMORY: again(
    'source',
    'The source server ran out of memory. Give it more, or use fewer workers (SYNC_WORKERS).',
  ),
  SOURCE_NOT_READABLE: never('source', 'Grant SELECT on the objects named, or connect as their owner.'),
  SOURCE_OBJECT_UNSUPPORTED: never(
    'source',
    'Repair or remove the objects named, exclude the tables they belong to, or leave them out by ' +
      'their names (--leave-out, once for each, without the reason that follows the name).',
  ),
  SOURCE_ROW_TOO_LONG: never(
    'source',
    'Shorten the rows named, split them, or exclude their tables. PostgreSQL has no way to dump them either.',
  ),
  SOURCE_ROWS_HIDDEN: never(
    'source',
    'Row-level security hides rows from this role. Connect as the owner or with BYPASSRLS.',
  ),
  SOURCE_SERVER_UNTRIED: never(
    'source',
    'Use a server version that this release was tried on, or a newer release; or allow it at your ' +
      'own risk (--untried-servers, SYNC_UNTRIED_SERVERS=true).',
  ),
  SOURCE_SESSIONS_LIMIT: never(
    'source',
    'Raise the limit named (CONNECTION LIMIT of the role or database, max_connections, the ' +
      'pooler’s pool), or use fewer workers (SYNC_WORKERS).',
  ),
  SOURCE_SNAPSHOT_LOST: again(
    'source',
    'Run again. If it happens each time, find out what closes idle connections (a proxy, pooler ' +
      'or firewall, or an administrator) and raise its limit.',
  ),
  SOURCE_UNAVAILABLE: again(
    'source',
    'The source database could not be reached, or the connection was cut. Check host, port and network.',
  ),
  SOURCE_EMPTY: never(
    'source',
    'A table that must not be empty has no rows in the source. Check that it is the right database.',
  ),

  // target
  TARGET_CANCELLED_BY_SERVER: again(
    'target',
    'Another session of the target was in the way (a deadlock, a time limit, an administrator). Run again.',
  ),
  TARGET_COPY_FAILED: never(
    'target',
    'The target refused rows; the message names the table and the reason. The target is unchanged.',
  ),
  TARGET_DAMAGED: never(
    'target',
    'The target server cannot read or write its own data. See its log and its disk; restore from ' +
      'a backup what is damaged.',
  ),
  TARGET_DEFUSAL_FAILED: never(
    'target',
    'Correct the statement that the message names (environments.NAME.defuse); try it in a copy of the source.',
  ),
  TARGET_DISK_FULL: again(
    'target',
    'The target server has no space left. Free some, or enlarge its disk. The target is unchanged.',
  ),
  TARGET_ENCODING: never(
    'target',
    'Correct the values named, exclude their tables, or use a target with encoding UTF8 (CREATE ' +
      'DATABASE … ENCODING ‘UTF8’ TEMPLATE template0).',
  ),
  TARGET_EXTENSION_MISSING: never('target', 'Install the extensions named on the target server.'),
  TARGET_FEATURE_MISSING: never(
    'target',
    'Use a server that was built with these features, change the objects in the source, or leave ' +
      'them out (--leave-out).',
  ),
  TARGET_FILE_MISSING: never(
    'target',
    'Install the library or file named on the target server (the package it came with), or drop ' +
      'in the source the objects that need it. The target is unchanged.',
  ),
  TARGET_KEPT_TABLE: never(
    'target',
    'A table whose rows are kept cannot be carried over; the message says why. The target is unchanged.',
  ),
  TARGET_LOCK_LOST: again(
    'target',
    'Run again. If it happens each time, find out what closes idle connections (a proxy, pooler ' +
      'or firewall, or an administrator) and raise its limit. The target is unchanged.',
  ),
  TARGET_LOCKS_FULL: never(
    'target',
    'Raise max_locks_per_transaction on the target server (it needs a restart), or choose --mode replace.',
  ),
  TARGET_MEMORY: again(
    'target',
    'The target server ran out of memory. Give it more, or use fewer workers (SYNC_WORKERS).',
  ),
  TARGET_PRIVILEGE: never(
    'target',
    'Grant the privilege named to the target’s role, or choose another mode.',
  ),
  TARGET_ROLE_MISSING: never(
    'target',
    'Create the roles named on the target server, or leave out ownership and grants (--no-owner, --no-privileges).',
  ),
  TARGET_ROW_TOO_LONG: never(
    'target',
    'Shorten the rows named, split them, or exclude their tables. PostgreSQL has no way to dump them either.',
  ),
  TARGET_SERVER_UNTRIED: never(
    'target',
    'Use a server version that this release was tried on, or a newer release; or allow it at your ' +
      'own risk (--untried-servers, SYNC_UNTRIED_SERVERS=true).',
  ),
  TARGET_SESSIONS_LIMIT: never(
    'target',
    'Raise the limit named (CONNECTION LIMIT of the role or database, max_connections, the ' +
      'pooler’s pool), or use fewer workers (SYNC_WORKERS).',
  ),
  TARGET_STATEMENT_FAILED: never(
    'target',
    'The target refused a statement; the message names its object. The target is unchanged.',
  ),
  TARGET_SUPERUSER: never(
    'target',
    'Run as a superuser, let a superuser create them first, or leave them out (--leave-out, by kind or by name).',
  ),
  TARGET_TABLESPACE_MISSING: never(
    'target',
    'Create the tablespaces named on the target server and grant CREATE on them, or do without ' +
      '(SYNC_TABLESPACES=false).',
  ),
  TARGET_UNAVAILABLE: again(
    'target',
    'The target database could not be reached, or the connection was cut. The target is unchanged.',
  ),
  TARGET_UNSUPPORTED: never(
    'target',
    'The target holds objects that this run can neither copy nor replace; the message names each. ' +
      'Repair or remove them there, or leave them out by their names (--leave-out, once for each, ' +
      'without the reason that follows the name).',
  ),
  TARGET_VERSION: never(
    'target',
    'Upgrade the target’s server, change the objects in the source, or leave them out ' +
      '(--leave-out, by kind or by name).',
  ),

  // storage
  STORAGE_DUMP_BUSY: again(
    'storage',
    'Try again when the job has ended. The safety copy of a run in place is removed after its ' +
      'undo, or when its retention is over.',
  ),
  STORAGE_DUMP_DAMAGED: never(
    'storage',
    'The file differs from what was written. Use another dump; nothing was changed.',
  ),
  STORAGE_DUMP_ENCODING: never(
    'storage',
    'Write the dump in UTF-8 (pg_dump --encoding=UTF8) and import that.',
  ),
  STORAGE_DUMP_FOREIGN: never(
    'storage',
    'Write the dump as plain SQL (pg_dump --format=plain) without psql commands.',
  ),
  STORAGE_DUMP_INCOMPLETE: never(
    'storage',
    'The file ends too early, or its manifest does not cover it. Use another dump; nothing was changed.',
  ),
  STORAGE_DUMP_NEWER: never('storage', 'This dump was written by a newer version. Update multiboard-sync.'),
  STORAGE_DUMP_UNKNOWN: never('storage', 'List the dumps that exist, and use one of those ids.'),
  STORAGE_FULL: again(
    'storage',
    'The disk of the dump directory is full, or MAX_DUMP_SIZE_GB is reached. Free space and run again.',
  ),
  STORAGE_RECORD_DAMAGED: never(
    'storage',
    'Put the file back from a copy of the data directory. The job can also be undone by hand: the comment ' +
      'of its kept database names the job, and so does its safety copy (docs/operations.md, "Undo").',
  ),
  STORAGE_UNUSABLE: never('storage', 'Check that the directory exists and that this user may write there.'),

  // search
  SEARCH_ALIAS_REFUSED: again(
    'search',
    'Typesense refused to move the alias; it still points at the old collection.',
  ),
  SEARCH_DOCUMENT_REJECTED: never(
    'search',
    'Correct the collection’s fields or its query; the message names the field. The alias was not moved.',
  ),
  SEARCH_EMPTY: never('search', 'The collection’s query returns nothing; the alias was not moved.'),
  SEARCH_SHRUNK: never(
    'search',
    'If so few documents are right, raise the collection’s `maxShrink` (percent; 100 switches the guard off).',
  ),
  SEARCH_NAME_TAKEN: never(
    'search',
    'A real collection already carries the alias’s name. Choose another alias, or remove the collection on purpose.',
  ),
  SEARCH_OUT_OF_RESOURCES: again(
    'search',
    'Typesense has too little memory or disk for writes, or writes are switched off. Free some; ' +
      'the aliases were not moved.',
  ),
  SEARCH_QUERY_FAILED: never(
    'search',
    'Correct the collection’s query in the configuration; the message holds the server’s answer.',
  ),
  SEARCH_REFUSED: never(
    'search',
    'Typesense refused a request; the message holds its answer. Correct the collection’s ' +
      'settings. The aliases were not moved.',
  ),
  SEARCH_UNAVAILABLE: again(
    'search',
    'Typesense could not be reached or is not ready. The aliases were not moved.',
  ),

  // mismatch
  MISMATCH_TABLES: never(
    'mismatch',
    'The copy differs from the source; it was not made live. Please report this.',
  ),
  MISMATCH_ENVIRONMENTS: never('mismatch', 'The two databases differ; the result names each difference.'),
  MISMATCH_SEARCH: again(
    'mismatch',
    'The new collection differs from the database; the alias was not moved.',
  ),

  // cancelled
  CANCELLED: again('cancelled', 'The run was cancelled; start it again when you want.'),
  TIMED_OUT: again(
    'cancelled',
    'The run took longer than JOB_TIMEOUT_MINUTES; raise it or run at a quieter time.',
  ),

  // internal
  EMBEDDED_BUSY: again(
    'conflict',
    'Another process runs on this data directory. Stop it, or set another DATA_DIRECTORY.',
  ),
  EMBEDDED_START_FAILED: again(
    'internal',
    'Read the log file the message names, or set REDIS_URL or QUEUE_DATABASE_URL to a server of your own.',
  ),
  EMBEDDED_UNAVAILABLE: never('config', 'Set REDIS_URL or QUEUE_DATABASE_URL to a server of your own.'),
  INTERNAL: never('internal', 'This is a bug. Please report it with the job’s log.'),
  JOB_LOST: again(
    'internal',
    'Ask for it again. Keep the queue’s data: let nothing empty that Redis (FLUSHALL), and let it write to its disk ' +
      '(appendonly yes).',
  ),
  JOB_WORKER_LOST: again(
    'internal',
    'See the service’s log and the system’s (out of memory?). The next run on this target ' +
      'finishes or removes the leftovers.',
  ),
  NOTICE_UNDELIVERED: again(
    'config',
    'Correct the address, the secret or the mail server of the channel (docs/notices.md), and test it again.',
  ),
  QUEUE_FULL: again(
    'internal',
    'Give Redis more maxmemory (256 MB are enough for this service alone), or PostgreSQL more ' +
      'disk. Running jobs go on; their results are written when there is room.',
  ),
  QUEUE_UNAVAILABLE: again(
    'internal',
    'The queue’s server (Redis or PostgreSQL) could not be reached. Check REDIS_URL or QUEUE_DATABASE_URL.',
  ),
  SERVICE_ENDED: again('internal', 'Read the last lines of its log.'),
  SERVICE_STOPPING: again('internal', 'The service is stopping. Send the request again when it is back.'),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorCatalogue;

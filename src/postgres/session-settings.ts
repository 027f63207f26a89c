/** What a session may do, and how long it waits. */
export type Access =
  /** READ ONLY, gives up quickly instead of queueing behind a waiting ALTER TABLE. */
  | 'read'
  /** Writes a database we made, or the target inside one transaction. */
  | 'write'
  /** Creates, renames and drops databases from a third database. */
  | 'maintenance';

/**
 * Settings that both ends share, so that equal values are equal text
 * (docs/facts/postgresql.md#settings-that-change-the-text-of-values).
 */
const shared: Readonly<Record<string, string>> = {
  search_path: '',
  datestyle: 'ISO, YMD',
  intervalstyle: 'postgres',
  timezone: 'UTC',
  extra_float_digits: '3',
  bytea_output: 'hex',
  xmlbinary: 'base64',
  xmloption: 'content',
  lc_monetary: 'C',
  standard_conforming_strings: 'on',
  escape_string_warning: 'off',
  backslash_quote: 'safe_encoding',
  default_table_access_method: 'heap',
  default_tablespace: '',
  default_transaction_isolation: 'read committed',
  // Only set where it differs (pin-session.sql): triggers and rules must act as everywhere else.
  session_replication_role: 'origin',
  // Arrays: NULL is null, whatever a database's default makes of it. Expressions: `x = NULL` stays what it is.
  array_nulls: 'on',
  transform_null_equals: 'off',
  quote_all_identifiers: 'off',
  synchronize_seqscans: 'off',
  row_security: 'off',
  jit: 'off',
  statement_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  idle_session_timeout: '0',
  transaction_timeout: '0',
  client_min_messages: 'warning',
  // A server that does not notice that we are gone keeps our locks. With these settings it notices within a minute,
  // even if our machine lost its power, and in the middle of a long statement.
  tcp_keepalives_idle: '30',
  tcp_keepalives_interval: '10',
  tcp_keepalives_count: '3',
  tcp_user_timeout: '60s',
  client_connection_check_interval: '5s',
};

const byAccess: Readonly<Record<Access, Readonly<Record<string, string>>>> = {
  read: {
    default_transaction_read_only: 'on',
    lock_timeout: '5s',
    restrict_nonsystem_relation_kind: 'view, foreign-table',
  },
  write: {
    default_transaction_read_only: 'off',
    lock_timeout: '30s',
    check_function_bodies: 'off',
    synchronous_commit: 'off',
  },
  maintenance: { default_transaction_read_only: 'off', lock_timeout: '10s' },
};

export function sessionSettings(access: Access): ReadonlyMap<string, string> {
  return new Map(Object.entries({ ...shared, ...byAccess[access] }));
}

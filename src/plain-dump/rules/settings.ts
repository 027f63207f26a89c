/** Settings a dump may set, for its own session. */
const settings: ReadonlySet<string> = new Set([
  'array_nulls',
  'backslash_quote',
  'bytea_output',
  'check_function_bodies',
  'client_encoding',
  'client_min_messages',
  'datestyle',
  'default_table_access_method',
  'default_tablespace',
  'default_toast_compression',
  'escape_string_warning',
  'extra_float_digits',
  'intervalstyle',
  'lc_monetary',
  'maintenance_work_mem',
  'quote_all_identifiers',
  'row_security',
  'search_path',
  'session_replication_role',
  'standard_conforming_strings',
  'synchronous_commit',
  'timezone',
  'transform_null_equals',
  'xmloption',
]);

/** How long our session waits is ours to say; servers that lack one of these refuse the statement. */
const timeouts: ReadonlySet<string> = new Set([
  'idle_in_transaction_session_timeout',
  'idle_session_timeout',
  'lock_timeout',
  'statement_timeout',
  'transaction_timeout',
]);

export function settingRule(name: string): 'run' | 'skip' | 'refuse' {
  if (timeouts.has(name)) return 'skip';
  return settings.has(name) ? 'run' : 'refuse';
}

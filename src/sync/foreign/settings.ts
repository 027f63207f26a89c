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

/**
 * Encodings in which no byte of a multi-byte character is ASCII, so that SQL can be read byte by byte: all that a
 * server may have (PostgreSQL manual, "Supported Character Sets"). The others (SJIS, BIG5, GBK …) exist for clients only.
 */
const encodings =
  /^(?:utf8|unicode|sqlascii|latin(?:[1-9]|10)|iso8859(?:[1-9]|1[0-6])|win(?:dows)?(?:866|874|125[0-8])|abc|tcvn\w*|alt|koi8[ru]?|euc(?:jp|jis2004|cn|kr|tw)|muleinternal)$/;

/** `utf8`: bytes are checked before they are sent. `other`: the server converts and checks. Null: refused. */
export function encodingRule(name: string): 'utf8' | 'other' | null {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  if (!encodings.test(plain)) return null;
  return plain === 'utf8' || plain === 'unicode' ? 'utf8' : 'other';
}

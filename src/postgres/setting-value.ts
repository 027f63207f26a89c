import { quoteLiteral, splitIdentifiers } from './identifiers.ts';

/** Settings whose value is a list of quoted names: each name is a literal of its own, or two schemas become one. */
const listSettings = new Set([
  'local_preload_libraries',
  'oauth_validator_libraries',
  'output_plugin_libraries',
  'search_path',
  'session_preload_libraries',
  'shared_preload_libraries',
  'temp_tablespaces',
  'unix_socket_directories',
]);

/** What follows `SET name TO`, for a value as the catalogs store it (`pg_proc.proconfig`, `pg_db_role_setting`). */
export function settingValue(name: string, value: string): string {
  if (!listSettings.has(name.toLowerCase())) return quoteLiteral(value);
  const names = splitIdentifiers(value);
  return (names.length === 0 ? [''] : names).map(quoteLiteral).join(', ');
}

import { expect, test } from 'vitest';
import { parseDatabaseUrl } from '../../../src/environments/database-url.ts';
import { Database } from '../../../src/postgres/database.ts';
import type { Session } from '../../../src/postgres/session.ts';
import { queryOnce } from '../../support/postgres-connection.ts';
import { serverUrl, testDatabase, testRole } from '../../support/postgres.ts';
import { failure } from '../../harness/failure.ts';

const words = testDatabase('settings');

const odd = {
  array_nulls: 'off',
  backslash_quote: 'on',
  default_tablespace: 'pg_global',
  default_transaction_isolation: 'serializable',
  escape_string_warning: 'on',
  transform_null_equals: 'on',
};

test('settings that a connection comes with are pinned away', async () => {
  const names = [...Object.keys(odd), 'session_replication_role', 'default_table_access_method'];
  const url = new URL((await words).url);
  const options = Object.entries({ ...odd, session_replication_role: 'replica' });
  const text = options.map(([name, value]) => `-c ${name}=${value}`).join(' ');
  url.search = `?options=${encodeURIComponent(text)}`;
  const rows = await inSession(url, (session) =>
    session.query<{ name: string; setting: string }>(
      'SELECT name, setting FROM pg_catalog.pg_settings WHERE name = ANY ($1)',
      [names],
    ),
  );
  expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
    array_nulls: 'on',
    backslash_quote: 'safe_encoding',
    default_table_access_method: 'heap',
    default_tablespace: '',
    default_transaction_isolation: 'read committed',
    escape_string_warning: 'off',
    session_replication_role: 'origin',
    transform_null_equals: 'off',
  });
});

test('a role whose triggers are switched off, and that may not switch them on, is refused', async () => {
  const role = await testRole();
  const url = new URL((await words).url);
  [url.username, url.password] = [role.name, role.password];
  expect(await inSession(url, (session) => session.query('SELECT 1 AS one'))).toEqual([{ one: 1 }]);
  await queryOnce(serverUrl(), `ALTER ROLE ${role.name} SET session_replication_role = 'replica'`);
  const error = await failure(inSession(url, (session) => session.query('SELECT 1')));
  expect(error.code).toBe('TARGET_PRIVILEGE');
  expect(error.message).toContain('session_replication_role');
});

async function inSession<T>(url: URL, work: (session: Session) => Promise<T>): Promise<T> {
  await using database = new Database({
    url: parseDatabaseUrl('DATABASE_URL', url.href),
    side: 'target',
    access: 'write',
    applicationName: 'settings',
    connectionsMax: 1,
  });
  return await database.withSession(work);
}

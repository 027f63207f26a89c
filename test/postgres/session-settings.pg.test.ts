import { expect, test } from 'vitest';
import { parseDatabaseUrl } from '../../src/environments/database-url.ts';
import { Database } from '../../src/postgres/database.ts';
import { sessionSettings } from '../../src/postgres/session-settings.ts';
import { serverUrl, testDatabase } from '../support/postgres.ts';
import { queryOnce } from '../support/postgres-connection.ts';

test.each(['read', 'write', 'maintenance'] as const)(
  'every setting of a session for %s access is pinned, whatever the database’s own default is',
  async (access) => {
    const { url, name } = await testDatabase('pinned');
    await queryOnce(
      serverUrl(),
      `ALTER DATABASE "${name}" SET TimeZone = 'Asia/Tokyo'; ALTER DATABASE "${name}" SET DateStyle = 'SQL, DMY';
       ALTER DATABASE "${name}" SET IntervalStyle = 'iso_8601'; ALTER DATABASE "${name}" SET array_nulls = off`,
    );
    await using database = new Database({
      url: parseDatabaseUrl('TEST', url),
      side: 'target',
      access,
      applicationName: 'multiboard-sync test',
    });
    const wanted = sessionSettings(access);
    const found = await database.withSession((session) =>
      session.query<{ name: string; value: string; same: boolean }>(
        `SELECT lower(s.name) AS name, s.setting AS value, (s.source = 'session' OR s.name = 'session_replication_role' AND s.setting = 'origin') AS same FROM pg_settings AS s WHERE lower(s.name) = ANY ($1)`,
        [[...wanted.keys()].map((key) => key.toLowerCase())],
      ),
    );
    expect(found.filter(({ same }) => !same)).toEqual([]);
    expect(found.map((setting) => setting.name).sort()).toEqual([...wanted.keys()].sort());
    const values = new Map(found.map((setting) => [setting.name, setting.value]));
    for (const key of ['timezone', 'datestyle', 'intervalstyle', 'array_nulls', 'bytea_output'])
      expect([key, values.get(key)]).toEqual([key, wanted.get(key)]);
  },
);

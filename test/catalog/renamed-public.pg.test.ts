import { describe, expect, it } from 'vitest';
import { compareModels } from '../../src/catalog/compare.ts';
import { lacks } from '../support/lacks.ts';
import { serverBinaries } from '../support/servers/fetch.ts';
import { modelOf, restoredByUs } from './oracle.ts';
import { sharedServer, startServer } from './servers.ts';

/** pg_dump takes what initdb granted on it for what every new schema has, and loses it. */
describe.each([13, 15, 18] as const)('schema public of %i under another name', (major) => {
  it.skipIf(major !== 18 && lacks(`postgres-${major}`))('keeps owner, grants and comment', async () => {
    const server = major === 18 ? sharedServer : await startServer(serverBinaries(major));
    const source = await server.database('source');
    const reader = await server.role('reader');
    await source.query(
      `ALTER SCHEMA public RENAME TO app; GRANT USAGE ON SCHEMA app TO "${reader}"; CREATE SCHEMA public; CREATE TABLE app.t (a int)`,
    );
    // As every new database there has it.
    if (major < 15) await source.query('GRANT ALL ON SCHEMA public TO PUBLIC');
    const model = await modelOf(source.url);
    const copy = await restoredByUs(model, source, server);
    const privileges = async (database: typeof source): Promise<unknown> =>
      database.query(
        `SELECT nspname, nspowner::regrole::text AS owner, obj_description(oid, 'pg_namespace') AS comment,
           CASE nspname WHEN 'app' THEN ARRAY(SELECT unnest(nspacl)::text COLLATE "C" ORDER BY 1) END AS acl
         FROM pg_namespace WHERE nspname IN ('app', 'public') ORDER BY nspname`,
      );
    expect(await privileges(copy)).toEqual(await privileges(source));
    expect(compareModels(model, await modelOf(copy.url), { owners: true, privileges: true })).toEqual([]);
    await source.drop();
    await copy.drop();
  });
});

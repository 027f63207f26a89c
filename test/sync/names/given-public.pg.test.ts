import { beforeAll, describe, expect, it } from 'vitest';
import { planSync } from '../../../src/sync/verbs/plan.ts';
import { lacks } from '../../support/lacks.ts';
import { privatePostgres } from '../../support/postgres.ts';
import type { PrivatePostgres } from '../../support/postgres.ts';
import { queryOnce } from '../../support/postgres-connection.ts';
import { serverBinaries } from '../../support/servers/fetch.ts';
import { createBench, failsAndChangesNothing } from '../../harness/environment-pair.ts';
import type { Bench, BenchDatabase } from '../../harness/environment-pair.ts';

/** Before 15 schema public belongs to whoever made the server, also in a database of an ordinary role. */
describe.skipIf(lacks('postgres-13'))('an ordinary owner on 13', () => {
  let server: PrivatePostgres;
  let count = 0;
  beforeAll(async () => {
    server = await privatePostgres({}, serverBinaries(13));
    await queryOnce(server.url, `CREATE ROLE ordinary LOGIN CREATEDB PASSWORD 'x'`);
  });

  const database = (name: string, url: URL): BenchDatabase => ({
    name,
    url: url.href,
    query: (sql, values) => queryOnce(url.href, sql, values) as Promise<never>,
  });

  async function ends(options: { readonly older?: boolean } = {}): Promise<Bench> {
    count += 1;
    const name = `target_${count}`;
    await queryOnce(server.url, `CREATE DATABASE ${name} TEMPLATE template0 OWNER ordinary`);
    const url = new URL(server.urlOf(name));
    url.username = 'ordinary';
    url.password = 'x';
    const target = database(name, url);
    if (options.older !== true) return createBench({ target });
    await queryOnce(server.url, `CREATE DATABASE source_${count} TEMPLATE template0`);
    return createBench({
      target,
      source: database(`source_${count}`, new URL(server.urlOf(`source_${count}`))),
    });
  }

  const publicGrants = async ({ target }: Bench): Promise<unknown> =>
    target.query(`SELECT nspacl::text AS acl FROM pg_namespace WHERE nspname = 'public'`);

  it.each([
    ['replace', 'newer', 1],
    ['in-place', 'newer', 1],
    ['in-place', 'older', 2],
  ] as const)(
    'leaves it as it is where nothing else is wanted (%s, from a %s server)',
    async (mode, from, runs) => {
      const bench = await ends({ older: from === 'older' });
      await bench.source.query('CREATE TABLE t (id int); INSERT INTO t VALUES (1)');
      const before = await publicGrants(bench);
      for (let run = 0; run < runs; run += 1) await bench.sync(mode, { owners: false });
      expect(await bench.target.query('SELECT id FROM t')).toEqual([{ id: 1 }]);
      expect(await publicGrants(bench)).toEqual(before);
    },
  );

  it.each([
    ['privileges on schema public', 'REVOKE ALL ON SCHEMA public FROM PUBLIC', 'replace'],
    ['comment on schema public', `COMMENT ON SCHEMA public IS 'ours'`, 'in-place'],
  ] as const)('%s of the source cannot be made: known before', async (identity, sql, mode) => {
    const bench = await ends();
    await bench.source.query(`CREATE TABLE t (id int); ${sql}`);
    const { blockers } = await planSync(
      { config: bench.config, now: Date.now },
      { source: 'src', target: 'dst', mode, owners: false },
      { signal: new AbortController().signal },
    );
    expect(blockers[0]).toMatchObject({ code: 'TARGET_PRIVILEGE', details: { objects: [identity] } });
    const error = await failsAndChangesNothing(bench.target, () => bench.sync(mode, { owners: false }));
    expect(error.message).toBe(blockers[0]?.message);
    await bench.sync(mode, { owners: false, leaveOut: [identity] });
  });
});

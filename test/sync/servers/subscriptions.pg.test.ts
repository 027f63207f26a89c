import { describe, expect, it } from 'vitest';
import { dropSubscriptions } from '../../support/postgres-connection.ts';
import { startServer } from '../../catalog/servers.ts';
import { lacks } from '../../support/lacks.ts';
import { serverUrl } from '../../support/postgres.ts';
import { serverBinaries } from '../../support/servers/fetch.ts';
import { createBench, modes } from '../../harness/environment-pair.ts';
import type { Bench } from '../../harness/environment-pair.ts';

const secret = 'planted-password';

async function benchWith(secrets: boolean): Promise<Bench> {
  const bench = await createBench({
    change: (config) => ({ ...config, sync: { ...config.sync, secrets } }),
  });
  await bench.source.query(`CREATE TABLE t (id integer PRIMARY KEY);
    CREATE SUBSCRIPTION s CONNECTION 'host=nowhere.invalid password=${secret}' PUBLICATION p
      WITH (connect = false, slot_name = 'theirs')`);
  return bench;
}

const subscriptions = `SELECT subname AS name, subenabled AS enabled, subslotname AS slot, subconninfo AS connection
  FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())`;

describe('a subscription', () => {
  it('stays behind unless secrets are asked for, and is named', async () => {
    const bench = await benchWith(false);
    const receipt = await bench.sync('replace');
    expect(JSON.stringify(receipt)).toContain('subscription s is left out');
    expect(JSON.stringify(receipt)).not.toContain(secret);
    expect(await bench.target.query(subscriptions)).toEqual([]);
  });

  it('comes along disabled, and again', async () => {
    const bench = await benchWith(true);
    const receipt = await bench.sync('replace');
    expect(JSON.stringify(receipt)).not.toContain(secret);
    const copy = {
      name: 's',
      enabled: false,
      slot: 'theirs',
      connection: `host=nowhere.invalid password=${secret}`,
    };
    expect(await bench.target.query(subscriptions)).toEqual([copy]);
    await bench.sync('in-place');
    expect(await bench.target.query(subscriptions)).toEqual([copy]);
  });

  describe.each([13, 14, 15] as const)('of a server of %i', (major) => {
    it.skipIf(lacks(`postgres-${major}`))('does in a new one what it did', async () => {
      const server = await startServer(serverBinaries(major));
      const source = await server.database('source');
      await source.query(
        `CREATE SUBSCRIPTION s CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false, slot_name = NONE)`,
      );
      const bench = await createBench({
        source,
        change: (config) => ({ ...config, sync: { ...config.sync, secrets: true } }),
      });
      await bench.sync('replace');
      const options = 'SELECT substream AS streaming, subrunasowner AS "asOwner" FROM pg_subscription';
      const present = 'subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())';
      expect(await bench.target.query(`${options} WHERE ${present}`)).toEqual([
        { streaming: 'f', asOwner: true },
      ]);
      expect((await bench.verify()).differences).toEqual([]);
    });
  });

  it('does not keep the new database of a failed run from being removed', async () => {
    const bench = await benchWith(true);
    // A refresh comes after the subscription; this one divides by zero while a new database is beside the target.
    await bench.source.query(
      `CREATE MATERIALIZED VIEW fails AS
         SELECT 1 / (count(*) - 2) AS one FROM pg_database WHERE starts_with(datname, '${bench.target.name}')`,
    );
    await expect(bench.sync('replace')).rejects.toThrow('materialized view public.fails');
    const left = await bench.target.query(`SELECT datname FROM pg_database WHERE starts_with(datname, $1)`, [
      `${bench.target.name}__`,
    ]);
    expect(left).toEqual([]);
  });

  it('that is enabled keeps its database from being a target', async () => {
    const bench = await benchWith(false);
    await bench.target.query(
      `CREATE SUBSCRIPTION live CONNECTION 'host=nowhere.invalid' PUBLICATION p WITH (connect = false); ALTER SUBSCRIPTION live ENABLE`,
    );
    for (const mode of modes)
      await expect(bench.sync(mode)).rejects.toMatchObject({ code: 'TARGET_UNSUPPORTED' });
    await dropSubscriptions(serverUrl(), bench.target.url, bench.target.name);
  });
});

import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Client } from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import type { Config } from '../../src/config/config.ts';
import { runJob } from '../../src/sync/verbs/run-job.ts';
import { queryOnce } from '../support/postgres-connection.ts';
import { atFileEnd, privatePostgres } from '../support/postgres.ts';
import type { PrivatePostgres } from '../support/postgres.ts';
import { scratchDirectory } from '../support/scratch.ts';
import type { LocalJobRequest } from '../../src/sync/contract/requests.ts';

/** The statements that docs/operations.md gives to an administrator: a role that reads, and one that replaces. */
const section = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8')
  .split(/^## /m)
  .find((text) => text.startsWith('6. Roles and grants'))!;
const [reader, writer] = [...section.matchAll(/^```sql\n(.*?)^```/gms)].map(([, sql]) => sql!);

let server: PrivatePostgres;
let config: Config;

const address = (role: string, database: string): string => {
  const url = new URL(server.urlOf(database));
  url.username = role;
  url.password = role === 'app' ? 'app' : 'change-me';
  return url.href;
};

let jobs = 0;
const run = async (request: LocalJobRequest): ReturnType<typeof runJob> =>
  runJob({ config, now: Date.now }, request, {
    jobId: `grants-${(jobs += 1)}`,
    signal: AbortSignal.timeout(50_000),
    emit: () => {},
  });

beforeAll(async () => {
  server = await privatePostgres();
  const tables = `
    CREATE TABLE part (id int PRIMARY KEY GENERATED ALWAYS AS IDENTITY, name text);
    CREATE SEQUENCE numbers;
    CREATE VIEW parts AS SELECT * FROM part;`;
  await queryOnce(server.urlOf('postgres'), 'CREATE ROLE the_owner');
  for (const database of ['catalogue', 'staging']) {
    await queryOnce(server.urlOf('postgres'), `CREATE DATABASE ${database} OWNER the_owner`);
    await queryOnce(server.urlOf(database), `SET ROLE the_owner; ${tables}`);
  }
  await queryOnce(
    server.urlOf('catalogue'),
    "INSERT INTO part (name) SELECT 'new' FROM generate_series(1, 100)",
  );
  await queryOnce(
    server.urlOf('staging'),
    "INSERT INTO part (name) VALUES ('old'); GRANT ALL ON part TO PUBLIC",
  );
  await queryOnce(server.urlOf('postgres'), "CREATE ROLE app LOGIN PASSWORD 'app'");
  await queryOnce(server.urlOf('postgres'), reader!);
  await queryOnce(server.urlOf('postgres'), writer!);
  const data = await scratchDirectory('grants');
  atFileEnd(() => rm(data, { recursive: true, force: true }));
  config = loadConfig({
    env: {
      CATALOGUE_DATABASE_URL: address('sync_reader', 'catalogue'),
      STAGING_DATABASE_URL: address('sync_writer', 'staging'),
      DATA_DIRECTORY: data,
      SYNC_OWNERS: 'false',
      SYNC_PRIVILEGES: 'false',
    },
    cwd: data,
  });
});

describe('the roles of docs/operations.md', () => {
  it('are enough to export', async () => {
    await expect(run({ kind: 'export', input: { environment: 'catalogue' } })).resolves.toMatchObject({
      rows: 100,
    });
  });

  it('are enough to replace a target that another role is using, and to undo it', async () => {
    const app = new Client({ connectionString: address('app', 'staging') });
    app.on('error', () => {});
    await app.connect();
    const ended = new Promise<void>((resolve) => {
      app.once('end', resolve);
    });
    atFileEnd(() => app.end());
    const receipt = await run({
      kind: 'sync',
      input: { source: 'catalogue', target: 'staging', confirm: 'staging', mode: 'auto' },
    });
    await ended;
    expect(receipt).toMatchObject({ mode: 'replace', rows: 100 });
    const names = 'SELECT DISTINCT name FROM part';
    expect(await queryOnce(server.urlOf('staging'), names)).toEqual([{ name: 'new' }]);

    if (receipt.type !== 'receipt') throw new Error('a sync gives a receipt');
    await run({ kind: 'rollback', input: { jobId: receipt.jobId, confirm: 'staging' } });
    expect(await queryOnce(server.urlOf('staging'), names)).toEqual([{ name: 'old' }]);
  });
});

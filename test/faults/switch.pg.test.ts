import { beforeAll, expect, test } from 'vitest';
import { SyncError } from '../../src/errors/sync-error.ts';
import { failure } from '../harness/failure.ts';
import { serverUrl } from '../support/postgres.ts';
import { queryOnce } from '../support/postgres-connection.ts';
import { application, connected } from '../harness/applications.ts';
import type { Seen } from '../harness/applications.ts';
import { besides, leftovers, oldOrNew } from '../harness/aftermath.ts';
import { benchOf, littleModels, smallModels } from '../harness/models.ts';
import type { Models } from '../harness/models.ts';

let models: Models;

beforeAll(async () => {
  models = await littleModels();
});

/** Ended, asked to come back in a moment, or met the very moment of the switch. */
const refusals = ['57P01', '55000', '3D000'];

function expectOneChange(seen: readonly Seen[], from: string, to: string): void {
  expect(
    seen
      .filter(({ refused }) => refused)
      .map(({ what }) => what)
      .filter((what) => !refusals.includes(what)),
  ).toEqual([]);
  const values = seen.filter(({ refused }) => !refused).map(({ what }) => what);
  expect(values.filter((value, index) => value !== values[index - 1])).toEqual([from, to]);
  const away = seen.filter(({ refused }) => refused).map(({ fromMs, toMs }) => toMs - fromMs);
  expect(Math.max(...away), 'longest refusal, ms').toBeLessThan(3_000);
}

const question = `SELECT md5(string_agg("price"::text, ',' ORDER BY "id")) AS seen FROM "Part"`;

test('an application that keeps connecting sees the old state, a short refusal, the new state; and back', async () => {
  const bench = await benchOf(models);
  const [before] = await bench.target.query<{ seen: string }>(question);
  const [after] = await models.source.query<{ seen: string }>(question);
  expect(before).not.toEqual(after);
  const there = application(bench.target.url, question);
  const receipt = await bench.sync('replace', { backup: 'kept' });
  expectOneChange(await there.stop(), before!.seen, after!.seen);
  const back = application(bench.target.url, question);
  await bench.rollback(receipt.jobId);
  expectOneChange(await back.stop(), after!.seen, before!.seen);
  expect(await leftovers(bench)).toEqual([]);
});

test('an application beside in-place waits, and is never refused', async () => {
  const bench = await benchOf(models);
  const [before] = await bench.target.query<{ seen: string }>(question);
  const [after] = await models.source.query<{ seen: string }>(question);
  const there = application(bench.target.url, question);
  await bench.sync('in-place');
  expect((await there.stop()).map(({ what }) => what)).toEqual([before!.seen, after!.seen]);
});

test('people who write to kept tables all the while lose nothing that was acknowledged', async () => {
  const bench = await benchOf(models);
  const written: string[] = [];
  const [{ first }] = (await bench.target.query<{ first: number }>(
    `SELECT COALESCE(max("id"), 0) + 1000 AS first FROM "ProfileMeta"`,
  )) as [{ first: number }];
  // Each statement is one person's change; what it returns was acknowledged.
  const people = application(
    bench.target.url,
    `INSERT INTO "ProfileMeta" ("id", "profileId", "key")
     SELECT GREATEST(${first}, max("id") + 1), (SELECT min("id") FROM "Profile"), 'written meanwhile' FROM "ProfileMeta" RETURNING "id" AS seen`,
  );
  const receipt = await bench.sync('replace', { backup: 'kept' });
  await bench.rollback(receipt.jobId);
  const seen = await people.stop();
  written.push(...seen.filter(({ refused }) => !refused).map(({ what }) => what));
  expect(written.length).toBeGreaterThan(10);
  const rows = await bench.target.query<{ id: string }>(
    `SELECT "id"::text AS id FROM "ProfileMeta" WHERE "key" = 'written meanwhile'`,
  );
  const found = new Set(rows.map(({ id }) => id));
  expect(written.filter((id) => !found.has(id))).toEqual([]);
});

test('a session that sleeps in a transaction on the target is ended', async () => {
  const bench = await benchOf(models);
  const client = await connected(bench.target.url, 'BEGIN; SELECT 1 FROM "Part"');
  await bench.sync('replace', { backup: 'kept' });
  await expect(client.query('SELECT 1')).rejects.toThrow();
  expect(await oldOrNew(bench)).toBe('new');
});

test('a kept table that somebody writes to and does not let go: the run gives up, and says who', async () => {
  const bench = await benchOf(models, { env: { LOCK_WAIT_SECONDS: '1' } });
  await connected(bench.target.url, 'BEGIN; UPDATE "List" SET "name" = "name"');
  const error = await failure(bench.sync('replace', { backup: 'kept' }));
  expect(error.code).toBe('CONFLICT_TARGET_IN_USE');
  expect(error.message).toMatch(/pid \d+ \(postgres, an application\) on (public\.)?"List"/);
  expect(await besides(bench.target)).toEqual([]);
  expect(await leftovers(bench)).toEqual([]);
});

test('what is said of the live database while its successor is made is not lost by the switch', async () => {
  // Without kept rows nothing of the run looks at the live database again.
  const small = await smallModels();
  const meanwhile = async (statement: string): Promise<readonly [string, unknown]> => {
    const bench = await benchOf(small);
    const { name } = bench.target;
    const query = (sql: string): Promise<Record<string, unknown>[]> => queryOnce(serverUrl(), sql);
    let said: Promise<unknown> = Promise.resolve();
    const outcome = await bench
      .sync(
        'replace',
        { backup: 'kept' },
        {
          onStep: (step) => {
            if (step === 'load') said = query(statement.replaceAll('live', `"${name}"`));
          },
        },
      )
      .then(
        () => 'done',
        (error: unknown) => (error instanceof SyncError ? error.code : String(error)),
      );
    await said;
    const [facts] = await query(
      `SELECT datallowconn AS open, datconnlimit AS sessions, shobj_description(oid, 'pg_database') AS comment,
       (SELECT setconfig[1] FROM pg_db_role_setting WHERE setdatabase = d.oid) AS setting FROM pg_database AS d WHERE datname = '${name}'`,
    );
    await query(`ALTER DATABASE "${name}" ALLOW_CONNECTIONS true`);
    if (outcome !== 'done') expect(await besides(bench.target)).toEqual([]);
    return [outcome, facts];
  };
  const usual = { open: true, sessions: -1, comment: null, setting: null };
  const closed =
    'ALTER DATABASE live SET default_transaction_read_only = on; ALTER DATABASE live ALLOW_CONNECTIONS false';
  expect(await meanwhile(closed)).toEqual([
    'CONFLICT_TARGET_CHANGED',
    { ...usual, open: false, setting: 'default_transaction_read_only=on' },
  ]);
  expect(
    await meanwhile(`ALTER DATABASE live CONNECTION LIMIT 40; COMMENT ON DATABASE live IS 'the bench'`),
  ).toEqual(['done', { ...usual, sessions: 40, comment: 'the bench' }]);
});

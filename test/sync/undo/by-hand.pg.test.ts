import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { expect, test } from 'vitest';
import { examine } from '../../../src/sync/verbs/doctor.ts';
import { connectAs } from '../../../src/sync/ends/connect.ts';
import { Maintenance, openMaintenance } from '../../../src/sync/ends/maintenance.ts';
import { expireKept } from '../../../src/sync/recover/expire-kept.ts';
import { recoverTarget } from '../../../src/sync/recover/recover.ts';
import { serverUrl, testDatabase } from '../../support/postgres.ts';
import { queryOnce } from '../../support/postgres-connection.ts';
import type { Receipt } from '../../../src/sync/contract/receipts.ts';
import { runJob } from '../../../src/sync/verbs/run-job.ts';
import { createBench } from '../../harness/environment-pair.ts';
import type { Bench, BenchDatabase } from '../../harness/environment-pair.ts';
import { failure } from '../../harness/failure.ts';

const outside = (sql: string): Promise<Record<string, unknown>[]> => queryOnce(serverUrl(), sql);

/** The statements of docs/operations.md §10, "By hand", for these two databases. */
async function documentedSteps(live: string, kept: string): Promise<readonly string[]> {
  const text = await readFile(join(import.meta.dirname, '../../../docs/operations.md'), 'utf8');
  const [, undo = ''] = /^## 10\. Undo$(.*?)^## 11\./ms.exec(text) ?? [];
  const [, block = ''] = /^By hand, .*?^```sql\n(.*?)^```/ms.exec(undo) ?? [];
  const steps = block
    .replaceAll('staging__old_run', `"${kept}"`)
    .replaceAll('staging_replaced', `"${live}__by_hand"`)
    .replaceAll(/\bstaging\b/g, `"${live}"`);
  expect(steps.match(/RENAME TO/g)).toHaveLength(2);
  return steps.split('\n').filter((line) => line !== '');
}

/** As psql sends them: one after the other, BEGIN to COMMIT together. */
async function byHand(steps: readonly string[]): Promise<void> {
  const end = steps.indexOf('COMMIT;') + 1;
  await outside(steps.slice(0, end).join('\n'));
  for (const step of steps.slice(end)) await outside(step);
}

async function rowed(options: Parameters<typeof createBench>[0] = {}): Promise<Bench> {
  const bench = await createBench(options);
  await bench.source.query('CREATE TABLE t (v text); INSERT INTO t VALUES ($$new$$)');
  await bench.target.query('CREATE TABLE t (v text); INSERT INTO t VALUES ($$old$$)');
  return bench;
}
const valueIn = async (database: BenchDatabase): Promise<unknown> =>
  (await database.query('SELECT v FROM t'))[0]?.['v'];
const facts = async (name: string): Promise<unknown> =>
  (
    await outside(
      `SELECT datallowconn AS open, shobj_description(oid, 'pg_database') AS comment FROM pg_database WHERE datname = '${name}'`,
    )
  )[0] ?? null;
const keptOf = ({ keptDatabase }: { readonly keptDatabase: string | null }): string => keptDatabase ?? '';
const hourMs = 3_600_000;
/** What every run does with the databases beside its target. */
async function housekeeping({ config }: Pick<Bench, 'config'>, now: number): Promise<readonly string[]> {
  const environment = config.environments.get('dst');
  if (environment === undefined) throw new Error('no target');
  const { signal } = new AbortController();
  await using beside = await openMaintenance(
    { id: 'test', connect: connectAs('test'), signal },
    environment.database,
  );
  if (!(beside instanceof Maintenance)) throw new Error('no maintenance');
  const told = await recoverTarget({ config, now: Date.now }, beside, environment, {
    journalName: 'x.1.journal',
    own: [beside.pid],
  });
  return [...told, ...(await expireKept(config, beside, environment.database.parts.database, now))];
}

test('after the undo by hand as documented the next runs leave the live database open, and its comment people’s', async () => {
  const bench = await rowed();
  const { name } = bench.target;
  await outside(`COMMENT ON DATABASE "${name}" IS 'the shop'`);
  const logs: string[] = [];
  const sync = (): Promise<Receipt> =>
    bench.sync(
      'replace',
      {},
      {
        onEvent: (event) => {
          if (event.type === 'log') logs.push(event.message);
        },
      },
    );
  await byHand(await documentedSteps(name, keptOf(await sync())));
  expect(await valueIn(bench.target)).toBe('old');
  const second = await sync();
  expect([await valueIn(bench.target), await facts(name)]).toEqual(['new', { open: true, comment: null }]);
  expect(logs).not.toContainEqual(expect.stringContaining('note is removed'));

  // Without the last line the database keeps our note, of which the next run says that it does not count.
  await outside(
    `ALTER DATABASE "${name}__by_hand" RENAME TO "${name}__first"; COMMENT ON DATABASE "${name}" IS 'the shop'`,
  );
  const steps = await documentedSteps(name, keptOf(second));
  await byHand(steps.filter((step) => !step.startsWith('COMMENT')));
  const third = await sync();
  expect(logs.filter((line) => line.includes('the note is removed'))).toHaveLength(1);
  expect([await valueIn(bench.target), await facts(name)]).toEqual(['new', { open: true, comment: null }]);

  await bench.rollback(third.jobId);
  expect(await housekeeping(bench, Date.now() + 25 * hourMs)).toEqual([expect.stringContaining('__undone_')]);
  expect([await valueIn(bench.target), await facts(name)]).toEqual(['old', { open: true, comment: null }]);
  expect(await facts(`${name}__by_hand`)).toEqual({ open: true, comment: 'the shop' });
});

test('what people took over is neither shut nor removed, whatever its comment says; it is named', async () => {
  const bench = await rowed();
  const other = await testDatabase('other');
  const { name } = bench.target;
  const later = Date.now() + 25 * hourMs;
  const marked = (role: string, live: string, own?: string): string =>
    `multiboard-sync ${JSON.stringify({ role, jobId: 'j1', live, at: 1, comment: 'mine', ...(own === undefined ? {} : { name: own }) })}`;
  const note = (database: string, comment: string): Promise<unknown> =>
    outside(`COMMENT ON DATABASE "${database}" IS '${comment}'`);

  // A marker of either role, for whatever live database, on the live database itself.
  for (const [role, live] of [
    ['shadow', name],
    ['kept', name],
    ['kept', 'elsewhere'],
  ] as const) {
    await note(name, marked(role, live));
    expect(await housekeeping(bench, later)).toEqual([expect.stringContaining('the note is removed')]);
    expect(await facts(name)).toEqual({ open: true, comment: 'mine' });
  }

  // A database whose name is not ours, said by whatever marker.
  for (const role of ['shadow', 'kept']) {
    await note(other.name, marked(role, name));
    expect(await housekeeping(bench, later)).toEqual([expect.stringContaining('was renamed')]);
    await note(other.name, marked(role, name, other.name));
    expect(await housekeeping(bench, later)).toEqual([expect.stringContaining('was renamed')]);
    expect(await facts(other.name)).toMatchObject({ open: true });
  }

  // A kept one that its owner renames, also to a name like ours, and opens or leaves shut.
  const run = await bench.sync('replace');
  const kept = keptOf(run);
  const aside = `${name}__old_mine`;
  await outside(`ALTER DATABASE "${kept}" RENAME TO "${aside}"`);
  await note(other.name, '');
  expect(await housekeeping(bench, later)).toEqual([expect.stringContaining(`"${aside}" was renamed`)]);
  expect(await facts(aside)).toMatchObject({ open: false });
  await outside(
    `ALTER DATABASE "${aside}" RENAME TO "${kept}"; ALTER DATABASE "${kept}" ALLOW_CONNECTIONS true`,
  );

  // Opened by its owner, connected to, or named by an environment.
  const untouched = async (reason: string, at: Bench = bench): Promise<void> => {
    expect(await housekeeping(at, later)).toEqual([expect.stringContaining(reason)]);
    expect(await facts(kept)).not.toBeNull();
  };
  await untouched('somebody opened it');
  expect(await facts(kept)).toMatchObject({ open: true });
  const findings = await examine({ config: bench.config, now: Date.now }, [], {
    signal: new AbortController().signal,
  });
  expect(findings.map(({ finding }) => finding)).toContainEqual(
    expect.stringContaining('somebody opened it'),
  );
  const client = new Client({ connectionString: serverUrl(kept) });
  await client.connect();
  await outside(`ALTER DATABASE "${kept}" ALLOW_CONNECTIONS false`);
  await untouched('is connected to it');
  await client.end();
  const dst = bench.config.environments.get('dst');
  if (dst === undefined) throw new Error('no target');
  const third = { ...dst, name: 'third', database: dst.database.withDatabase(kept) };
  const config = { ...bench.config, environments: new Map([...bench.config.environments, ['third', third]]) };
  await untouched('the environment "third" names it', { ...bench, config });
  const undo = runJob(
    { config, now: Date.now },
    { kind: 'rollback', input: { jobId: run.jobId, confirm: 'dst' } },
    {
      jobId: 'jundo1',
      signal: new AbortController().signal,
      emit: () => {},
    },
  );
  const refused = await failure(undo);
  expect([refused.code, refused.message]).toEqual(['CONFLICT_UNDO_GONE', expect.stringContaining('"third"')]);

  // A copy made from one has no comment, so it is nobody's but its maker's.
  await outside(`CREATE DATABASE "${name}__old_copy1" TEMPLATE "${kept}" STRATEGY file_copy`);
  expect(await housekeeping(bench, 0)).toEqual([]);
  expect(await facts(`${name}__old_copy1`)).toEqual({ open: true, comment: null });

  // Only ours and used by nobody: removed when its time is over. That was said when it was put aside, so a service that
  // keeps its own for an hour removes it no sooner; a note of an earlier version says no time, and is asked by its age.
  const hasty = { config: { ...bench.config, sync: { ...bench.config.sync, keepDatabaseHours: 1 } } };
  expect(await housekeeping(hasty, Date.now() + 2 * hourMs)).toEqual([]);
  const [{ comment }] = (await outside(
    `SELECT shobj_description(oid, 'pg_database') AS comment FROM pg_database WHERE datname = '${kept}'`,
  )) as [{ comment: string }];
  const earlier = comment.replace(/"until":\d+,/, '');
  expect(earlier).not.toBe(comment);
  await outside(`COMMENT ON DATABASE "${kept}" IS '${earlier}'`);
  expect(await housekeeping(bench, Date.now() + 2 * hourMs)).toEqual([]);
  await outside(`COMMENT ON DATABASE "${kept}" IS '${comment}'`);
  expect(await housekeeping(bench, later)).toEqual([kept]);
  expect(await facts(kept)).toBeNull();
});

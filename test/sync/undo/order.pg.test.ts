import { readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DatabaseUrl } from '../../../src/environments/database-url.ts';
import { readJobRecord, writeJobRecord } from '../../../src/sync/journal/records.ts';
import { planSync } from '../../../src/sync/verbs/plan.ts';
import { runJob } from '../../../src/sync/verbs/run-job.ts';
import { undoOutlook } from '../../../src/sync/undo/undo-outlook.ts';
import { undoWords } from '../../../src/sync/undo/undo-words.ts';
import { dropKept } from '../../cli/run-cli.ts';
import { testDatabase } from '../../support/postgres.ts';
import { createBench, failsAndChangesNothing, modes, stateOf } from '../../harness/environment-pair.ts';
import type { Bench, BenchDatabase } from '../../harness/environment-pair.ts';
import { failure } from '../../harness/failure.ts';
import type { LocalJobRequest } from '../../../src/sync/contract/requests.ts';

const signal = (): AbortSignal => new AbortController().signal;

async function partBench(): Promise<Bench> {
  const bench = await createBench();
  await bench.source.query(`CREATE TABLE part (name text); INSERT INTO part VALUES ('first')`);
  await bench.target.query(`CREATE TABLE part (name text); INSERT INTO part VALUES ('old')`);
  return bench;
}
const partOf = async (database: BenchDatabase): Promise<unknown> =>
  (await database.query('SELECT name FROM part'))[0]?.['name'];

let jobs = 0;
function run(
  { config }: Bench,
  request: LocalJobRequest,
  change: Partial<Bench['config']>,
): Promise<unknown> {
  return runJob({ config: { ...config, ...change }, now: Date.now }, request, {
    jobId: `order${(jobs += 1)}`,
    signal: signal(),
    emit: () => {},
  });
}

/** The environments of a bench with one of them changed, or one more. */
function environments(
  { config }: Bench,
  name: string,
  url: string,
  protection: 'open' | 'source-only' | 'protected',
): Pick<Bench['config'], 'environments'> {
  const dst = config.environments.get('dst');
  if (dst === undefined) throw new Error('no target');
  const { pathname, hostname } = new URL(url);
  const database = dst.database.withDatabase(decodeURIComponent(pathname.slice(1)));
  expect(database.parts.host).toBe(hostname);
  return {
    environments: new Map([...config.environments, [name, { ...dst, name, database, protection }]]),
  };
}

test.each(modes)('an older job is undone over later ones only when that is asked for, %s', async (mode) => {
  const bench = await partBench();
  const first = await bench.sync(mode);
  await bench.source.query(`UPDATE part SET name = 'second'`);
  const second = await bench.sync(mode);
  const undo = (passOver?: boolean) =>
    bench.run({ kind: 'rollback', input: { jobId: first.jobId, confirm: 'dst', passOver } });
  const error = await failsAndChangesNothing(bench.target, () => undo());
  expect([error.code, error.details['jobs']]).toEqual(['CONFLICT_UNDO_OVERTAKEN', [second.jobId]]);
  const receipt = await undo(true);
  expect(await partOf(bench.target)).toBe('old');
  expect(receipt.warnings).toContainEqual(
    `Job "${second.jobId}" ran later; its changes to the target are undone as well.`,
  );
  // Undone already, and overtaken by that undo: told as what it is.
  expect((await failure(undo(true))).message).toContain(`undone already by "${receipt.jobId}"`);
  expect((await failure(bench.rollback(second.jobId))).code).toBe('CONFLICT_UNDO_OVERTAKEN');
  // The undo is the last word, and can be undone; then the second job is the last word again.
  await bench.rollback(receipt.jobId);
  expect(await partOf(bench.target)).toBe('second');
});

test('a safety copy goes back into the database it was taken of, whatever the environment names now', async () => {
  const bench = await partBench();
  const { jobId } = await bench.sync('in-place');
  const other = await testDatabase('other');
  await other.query(`CREATE TABLE mine (id int); INSERT INTO mine VALUES (1)`);
  const request: LocalJobRequest = { kind: 'rollback', input: { jobId, confirm: 'dst' } };
  const elsewhere = environments(bench, 'dst', other.url, 'open');
  const look = (change: Partial<Bench['config']> = {}, now = Date.now) =>
    undoOutlook({ config: { ...bench.config, ...change }, now }, jobId);
  expect(undoWords((await look())!)).toBeNull();
  const error = await failsAndChangesNothing(other, () => run(bench, request, elsewhere));
  expect((await look(elsewhere))?.gone).toEqual([error.message.replace(' Nothing was touched.', '')]);
  expect([error.code, error.message]).toEqual(['CONFLICT_UNDO_GONE', expect.stringContaining(other.name)]);
  // The same name on it, but another database: made anew by somebody since.
  const { name } = bench.target;
  await other.query(`CREATE TABLE part (name text)`);
  await bench.source.query(`ALTER DATABASE "${name}" RENAME TO "${name}__aside"`);
  await bench.source.query(`ALTER DATABASE "${other.name}" RENAME TO "${name}"`);
  expect((await failure(bench.rollback(jobId))).code).toBe('CONFLICT_UNDO_GONE');
  expect(await bench.target.query('SELECT id FROM mine')).toEqual([{ id: 1 }]);
  // The database itself under another name is the same database.
  await bench.source.query(`ALTER DATABASE "${name}" RENAME TO "${other.name}"`);
  const renamed = new URL(bench.target.url);
  renamed.pathname = `/${name}__aside`;
  await run(bench, request, environments(bench, 'dst', renamed.href, 'open'));
  await bench.source.query(`ALTER DATABASE "${name}__aside" RENAME TO "${name}"`);
  expect(await partOf(bench.target)).toBe('old');
});

test('what became of a run that died is not looked for in a database that its environment names since', async () => {
  const bench = await partBench();
  const receipt = await bench.sync('replace');
  const [ids] = await bench.source.query<{ live: string; kept: string; server: string }>(
    `SELECT (SELECT oid FROM pg_database WHERE datname = $1)::text AS live, (SELECT oid FROM pg_database WHERE datname = $2)::text AS kept,
     (SELECT system_identifier FROM pg_control_system())::text AS server`,
    [bench.target.name, receipt.keptDatabase],
  );
  const jobs = join(bench.directory, 'jobs');
  // As a run leaves it that was killed right after its switch.
  const entries = (server: string, shadowOid: string): string =>
    [
      { entry: 'started', target: 'dst', kind: 'sync', source: 'src', process: { host: 'gone', pid: 1 } },
      { entry: 'switch', shadowOid, database: `${server}/${ids!.kept}`, aliases: [], undoes: null, receipt },
      { entry: 'left' },
    ]
      .map((line) => `\n${JSON.stringify(line)}\n`)
      .join('');
  await writeFile(join(jobs, 'here.1.journal'), entries(ids!.server, ids!.live));
  const other = await testDatabase('other');
  const [there] = await other.query<{ oid: string }>(
    'SELECT oid::text FROM pg_database WHERE datname = current_database()',
  );
  // The other server has given the number of ours to a database of its own.
  await writeFile(join(jobs, 'away.1.journal'), entries('4711', there!.oid));
  const logs: string[] = [];
  const sync: LocalJobRequest = {
    kind: 'sync',
    input: { source: 'src', target: 'dst', confirm: 'dst', backup: 'kept' },
  };
  await runJob(
    { config: { ...bench.config, ...environments(bench, 'dst', other.url, 'open') }, now: Date.now },
    sync,
    {
      jobId: 'elsewhere',
      signal: signal(),
      emit: (event) => {
        if (event.type === 'log') logs.push(event.message);
      },
    },
  );
  const open = async (): Promise<string[]> =>
    (await readdir(jobs)).filter((name) => name.endsWith('.journal')).sort();
  expect(await open()).toEqual(['away.1.journal', 'here.1.journal']);
  expect(logs.filter((line) => line.includes('died while it changed another database'))).toHaveLength(2);
  expect([await readJobRecord(bench.config, 'here'), await readJobRecord(bench.config, 'away')]).toEqual([
    null,
    null,
  ]);
  await bench.sync('replace');
  expect(await open()).toEqual(['away.1.journal']);
  expect(await readJobRecord(bench.config, 'here')).toMatchObject({ state: 'done' });
  await dropKept(other);
});

test('what an undo needs and has no more is told before it is asked for', async () => {
  const bench = await partBench();
  const look = (jobId: string, change: Partial<Bench['config']> = {}, now = Date.now) =>
    undoOutlook({ config: { ...bench.config, ...change }, now }, jobId);
  const replaced = await bench.sync('replace');
  const kept = replaced.keptDatabase ?? '';
  expect(undoWords((await look(replaced.jobId))!)).toBeNull();
  // Over, but there.
  const later = () => Date.now() + (bench.config.sync.keepDatabaseHours + 1) * 3_600_000;
  expect(await look(replaced.jobId, {}, later)).toMatchObject({
    gone: [],
    notes: [expect.stringContaining('the next run on dst removes it')],
  });
  // Named by somebody else, renamed by its owner, unreachable.
  const url = new URL(bench.target.url);
  url.pathname = `/${kept}`;
  const named = environments(bench, 'mine', url.href, 'open');
  expect((await look(replaced.jobId, named))?.gone).toEqual([expect.stringContaining('"mine"')]);
  const unknown = {
    environments: new Map([...bench.config.environments].filter(([name]) => name !== 'dst')),
  };
  expect((await look(replaced.jobId, unknown))?.gone).toEqual([expect.stringContaining('"dst"')]);
  const away = bench.config.environments.get('dst')!;
  const nowhere = new Map([
    ...bench.config.environments,
    ['dst', { ...away, database: new DatabaseUrl({ ...away.database.parts, port: 1 }) }],
  ]);
  expect(await look(replaced.jobId, { environments: nowhere })).toMatchObject({
    gone: [],
    notes: [expect.stringContaining('could not be found out')],
  });
  await bench.source.query(`ALTER DATABASE "${kept}" RENAME TO "${bench.target.name}_mine"`);
  expect((await look(replaced.jobId))?.gone).toEqual([
    expect.stringContaining(replaced.backup?.dumpId ?? ''),
  ]);
  await bench.source.query(`DROP DATABASE "${bench.target.name}_mine"`);

  const inPlace = await bench.sync('in-place');
  expect(undoWords((await look(inPlace.jobId))!)).toBeNull();
  const file = inPlace.backup?.file ?? '';
  await truncate(file, 10);
  expect((await look(inPlace.jobId))?.gone).toEqual([expect.stringContaining('cut off')]);
  await rm(file);
  expect((await look(inPlace.jobId))?.gone).toEqual([expect.stringContaining('cannot be read')]);

  // A receipt that names nothing to go back by: an undo says so, and does not call nothing an undo.
  const record = (await readJobRecord(bench.config, inPlace.jobId))!;
  await writeJobRecord(bench.config, { ...record, receipt: { ...inPlace, backup: null } });
  expect((await look(inPlace.jobId))?.gone).toEqual([expect.stringContaining('kept nothing')]);
  expect((await failure(bench.rollback(inPlace.jobId))).code).toBe('CONFLICT_UNDO_GONE');
});

test('a database that a source-only environment names is no target under any name', async () => {
  const bench = await partBench();
  const receipt = await bench.sync('replace');
  const dump = await bench.export();
  const named = environments(bench, 'prod', bench.target.url, 'source-only');
  // What recovery would remove stays as well: nothing at all is done there.
  const before = await stateOf(bench.target);
  const requests: readonly LocalJobRequest[] = [
    ...modes.map((mode): LocalJobRequest => ({
      kind: 'sync',
      input: { source: 'src', target: 'dst', confirm: 'dst', mode },
    })),
    { kind: 'import', input: { dump: { id: dump.dump?.dumpId ?? '' }, target: 'dst', confirm: 'dst' } },
    { kind: 'rollback', input: { jobId: receipt.jobId, confirm: 'dst' } },
    { kind: 'typesense', input: { environment: 'prod' } },
  ];
  for (const request of requests)
    expect((await failure(run(bench, request, named))).code).toBe('CONFLICT_TARGET_PROTECTED');
  expect(await stateOf(bench.target)).toEqual(before);
  const plan = (change: Pick<Bench['config'], 'environments'>) =>
    planSync(
      { config: { ...bench.config, ...change }, now: Date.now },
      { source: 'src', target: 'dst' },
      { signal: signal() },
    );
  expect((await plan(named)).blockers.map(({ code }) => code)).toEqual(['CONFLICT_TARGET_PROTECTED']);
  const guarded = await plan(environments(bench, 'prod', bench.target.url, 'protected'));
  expect([guarded.protected, guarded.blockers]).toEqual([true, []]);
  expect(guarded.warnings).toContainEqual(expect.stringContaining('"prod", which is protected'));
  // One that cannot be asked is told, and is no reason against a run.
  const gone = new URL(bench.target.url);
  gone.pathname = '/not_there';
  const unseen = await plan(environments(bench, 'prod', gone.href, 'source-only'));
  expect([unseen.blockers, unseen.warnings.join(' ')]).toEqual([
    [],
    expect.stringContaining('could not be found out'),
  ]);
});

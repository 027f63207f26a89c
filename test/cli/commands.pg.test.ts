import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase } from '../support/postgres.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { dropKept, runCli } from './run-cli.ts';
import type { CliOptions, CliRun } from './run-cli.ts';

let cwd: string;
let source: TestDatabase;
let target: TestDatabase;
let env: Record<string, string>;

const cli = (argv: readonly string[], options: Partial<CliOptions> = {}): Promise<CliRun> =>
  runCli(argv, { cwd, env, ...options });

/** The first database, filled; the second with something else in it. */
beforeAll(async () => {
  cwd = await scratchDirectory('cli');
  source = await testDatabase('cli_source');
  target = await testDatabase('cli_target');
  env = { SRC_DATABASE_URL: source.url, DST_DATABASE_URL: target.url };
  await source.query(`CREATE TABLE "Part" (id int PRIMARY KEY, name text)`);
  await source.query(`INSERT INTO "Part" SELECT g, 'part ' || g FROM generate_series(1, 20000) AS g`);
  await source.query(`CREATE TABLE "Tag" (id int PRIMARY KEY)`);
  await target.query(`CREATE TABLE old (id int PRIMARY KEY)`);
  await target.query(`INSERT INTO old VALUES (1), (2)`);
});

afterAll(() => dropKept(target));

const targetTables = async (): Promise<unknown> =>
  (
    await target.query<{ names: unknown }>(
      `SELECT array_agg(relname::text ORDER BY 1) AS names FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
    )
  )[0]?.names;

/** Acts when the target's new database is being made, and only once. */
function once(act: (child: ChildProcess) => void): (line: string, child: ChildProcess) => void {
  let acted = false;
  return (line, child) => {
    if (acted || !line.includes('"title":"Prepare the new database","state":"running"')) return;
    acted = true;
    act(child);
  };
}

describe('the command line on real databases', () => {
  it('plans and changes nothing', async () => {
    const { code, result } = await cli(['plan', 'src', 'dst', '--json']);
    expect(code).toBe(0);
    expect(result).toMatchObject({ type: 'result', ok: true, source: 'src', target: 'dst', blockers: [] });
    expect(result['tables']).toContainEqual(
      expect.objectContaining({ table: 'public.Part', action: 'copy' }),
    );
    expect(await targetTables()).toEqual(['old']);
    const people = await cli(['plan', 'src', 'dst']);
    expect(people.stdout).toContain(
      'A sync would make dst equal to src, but for what is named below. Nothing was changed.',
    );
    expect(people.stdout).toContain('table public.old would vanish');
  });

  it('verifies: two that differ are named and exit with 20', async () => {
    const { code, result, stderr } = await cli(['verify', 'src', 'dst', '--json']);
    expect(code).toBe(20);
    expect(result).toMatchObject({
      type: 'result',
      ok: false,
      equal: false,
      error: { code: 'MISMATCH_ENVIRONMENTS' },
    });
    expect(result['tables']).toContainEqual(expect.objectContaining({ table: 'public.Part', equal: false }));
    expect(stderr).toContain('public.old');
  });

  it('exports to a file, and its result is that file', async () => {
    const { code, result, events } = await cli([
      'export',
      'src',
      '--output',
      'out.sql.gz',
      '--compress',
      'gzip',
      '--workers',
      '2',
      '--json',
    ]);
    expect(code).toBe(0);
    const file = join(cwd, 'out.sql.gz');
    expect(result).toMatchObject({ type: 'result', ok: true, kind: 'export', file, rows: 20_000 });
    const bytes = await readFile(file);
    expect(result['bytes']).toBe(bytes.length);
    expect(result['sha256']).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(String(result['manifest']), 'utf8'))).toMatchObject({
      dumpId: result['dumpId'],
    });
    expect(typeof result['seconds']).toBe('number');
    expect(events.every(({ type }) => type === 'progress' || type === 'log')).toBe(true);
    expect(events.at(-1)).toMatchObject({ progress: { state: 'done', percent: 100 } });
  });

  it('syncs, and undoes', async () => {
    const { code, result, stderr } = await cli(['sync', 'src', 'dst', '--confirm', 'dst', '--json']);
    expect([code, stderr]).toEqual([0, '']);
    expect(result).toMatchObject({ type: 'result', ok: true, kind: 'sync', mode: 'replace', rows: 20_000 });
    expect(await targetTables()).toEqual(['Part', 'Tag']);
    expect((await cli(['verify', 'src', 'dst', '--json'])).result).toMatchObject({ ok: true, equal: true });

    const wrong = await cli(['rollback', String(result['jobId']), '--confirm', 'src']);
    expect(wrong.code).toBe(2);
    const undone = await cli(['rollback', String(result['jobId']), '--confirm', 'dst', '--json']);
    expect(undone).toMatchObject({ code: 0, result: { ok: true, kind: 'rollback', target: 'dst' } });
    expect(await targetTables()).toEqual(['old']);

    // What an undo needs is gone: said before anybody is asked, and nothing is started.
    const { jobId, keptDatabase } = undone.result as { jobId: string; keptDatabase: string };
    await target.query(`DROP DATABASE "${keptDatabase}"`);
    const gone = await cli(['rollback', jobId, '--confirm', 'dst', '--json']);
    expect(gone).toMatchObject({
      code: 5,
      events: [],
      result: {
        error: { code: 'CONFLICT_UNDO_GONE', message: expect.stringContaining(keptDatabase) as string },
      },
    });
  });

  it('imports a dump by file and by id, and shows and removes it', async () => {
    const byFile = await cli([
      'import',
      'out.sql.gz',
      'dst',
      '--confirm',
      'dst',
      '--mode',
      'replace',
      '--backup',
      'kept',
      '--json',
    ]);
    expect(byFile).toMatchObject({
      code: 0,
      result: { ok: true, kind: 'import', backup: null, rows: 20_000 },
    });
    expect(await targetTables()).toEqual(['Part', 'Tag']);

    const { result } = await cli(['export', 'src', '--json']);
    const id = String(result['dumpId']);
    expect((await cli(['import', id, 'dst', '--confirm', 'dst', '--json'])).result).toMatchObject({
      ok: true,
    });
    expect((await cli(['dumps', 'show', id, '--json'])).result).toMatchObject({
      ok: true,
      id,
      environment: 'src',
    });
    expect((await cli(['dumps', 'list'])).stdout).toContain(id);
    expect((await cli(['dumps', 'delete', id])).code).toBe(0);
    expect((await cli(['dumps', 'show', id])).code).toBe(12);
  });

  it('prints one plain line a change where there is no terminal, and the receipt on stdout', async () => {
    const { code, stdout, stderr } = await cli(['sync', 'src', 'dst', '--confirm', 'dst']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^✓ dst now equals src: 20,000 rows\.\n/);
    expect(stdout + stderr).not.toContain('\u001B');
    expect(stderr).toMatch(/^From: src .*\nTo: {3}dst .*\nsync src → dst \(job .*\)\n/);
    expect(stderr.split('\n').filter((line) => line.startsWith('Load rows: done'))).toHaveLength(1);
    expect((await cli(['sync', 'src', 'dst', '--confirm', 'dst', '--quiet'])).stderr).toBe('');
  });

  it('looks at everything a run needs', async () => {
    const { code, stdout } = await cli(['doctor']);
    expect([code, stdout]).toEqual([0, expect.stringContaining('✓ src: database: PostgreSQL 18')]);
    const broken = await cli(['doctor', '--json'], {
      env: { ...env, GONE_DATABASE_URL: 'postgresql://u@127.0.0.1:1/x' },
    });
    expect(broken.code).toBe(3);
    expect(broken.result['findings']).toContainEqual(
      expect.objectContaining({ subject: 'gone: database', level: 'fault' }),
    );
    const queues = [
      { REDIS_URL: 'redis://127.0.0.1:1' },
      { QUEUE_DATABASE_URL: `${env['SRC_DATABASE_URL']}` },
    ].map((queue) =>
      cli(['doctor', 'src', '--json'], {
        env: { ...env, GONE_DATABASE_URL: 'postgresql://u@127.0.0.1:1/x', ...queue },
      }),
    );
    const [dead, working] = await Promise.all(queues);
    expect(dead?.result['findings']).toContainEqual(
      expect.objectContaining({
        subject: 'queue',
        level: 'fault',
        finding: expect.stringContaining('Redis at 127.0.0.1:1'),
      }),
    );
    expect(working?.result['findings']).toContainEqual(
      expect.objectContaining({ subject: 'queue', level: 'ok' }),
    );
    expect([dead?.code, working?.code]).toEqual([3, 0]);
  });

  it.each([
    ['two names of one database', ['sync', 'src', 'again', '--confirm', 'again'], 5],
    ['a source that is not there', ['sync', 'gone', 'dst', '--confirm', 'dst'], 10],
    ['a target that is not there', ['sync', 'src', 'gone', '--confirm', 'gone'], 11],
    ['a wrong password', ['export', 'locked'], 4],
    ['an environment that is never a target', ['sync', 'src', 'only', '--confirm', 'only'], 5],
    ['a search that is not there', ['typesense', 'src'], 3],
    ['a Typesense that does not answer', ['typesense', 'searching'], 13],
    ['a job that is not known', ['rollback', 'no-such-job', '--confirm', 'dst'], 2],
  ])('%s: exit code', async (_, argv, code) => {
    const wrong = new URL(source.url);
    wrong.password = 'wrong';
    const faulty = {
      ...env,
      AGAIN_DATABASE_URL: source.url,
      GONE_DATABASE_URL: 'postgresql://u@127.0.0.1:1/x',
      LOCKED_DATABASE_URL: wrong.href,
      ONLY_DATABASE_URL: new URL('/postgres', source.url).href,
      ONLY_PROTECTION: 'source-only',
      SEARCHING_DATABASE_URL: source.url,
      SEARCHING_TYPESENSE_URL: 'http://127.0.0.1:1',
      SEARCHING_TYPESENSE_API_KEY: 'k',
    };
    const { result, stderr, code: seen } = await cli([...argv, '--json'], { env: faulty });
    expect([seen, result['ok'], stderr]).toEqual([
      code,
      false,
      expect.stringMatching(/^Error: .+\n(Target: .+\n)?Hint: .+\nCode: [A-Z_]+\n/),
    ]);
  });

  it('cancels cleanly at Ctrl-C, and says what the target is', async () => {
    await target.query('DROP TABLE IF EXISTS old, "Part", "Tag"');
    await target.query('CREATE TABLE mine (id int)');
    const databases = async (): Promise<number> =>
      (await target.query('SELECT 1 FROM pg_database WHERE datname LIKE $1', [`${target.name}%`])).length;
    const before = await databases();
    const { code, result, stderr } = await cli(['sync', 'src', 'dst', '--confirm', 'dst', '--json'], {
      onLine: once((child) => child.kill('SIGINT')),
    });
    expect(code).toBe(130);
    expect(result).toMatchObject({
      ok: false,
      error: { code: 'CANCELLED' },
      target: 'This run did not change dst.',
    });
    expect(stderr).toContain('Cancelling');
    expect(await targetTables()).toEqual(['mine']);
    expect(await databases()).toBe(before);
  });

  it('takes a Ctrl-C that npm or a shell passes on once more for one', async () => {
    const { code, result } = await cli(['sync', 'src', 'dst', '--confirm', 'dst', '--json'], {
      onLine: once((child) => {
        child.kill('SIGINT');
        child.kill('SIGTERM');
      }),
    });
    expect(code).toBe(130);
    expect(result).toMatchObject({ ok: false, target: 'This run did not change dst.' });
    expect(await targetTables()).toEqual(['mine']);
    expect((await cli(['sync', 'src', 'dst', '--confirm', 'dst', '--json'])).result).toMatchObject({
      ok: true,
    });
    expect(await targetTables()).toEqual(['Part', 'Tag']);
  });

  it('goes on when nobody reads its output any more', async () => {
    const { code } = await cli(['export', 'src', '--output', 'unread.sql', '--json'], {
      onLine: (_, child) => {
        child.stdout?.destroy();
      },
    });
    expect(code).toBe(0);
    expect((await stat(join(cwd, 'unread.sql.manifest.json'))).size).toBeGreaterThan(0);
  });
});

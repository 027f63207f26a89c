import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { errorReport, SyncError } from '../errors/sync-error.ts';
import { createTracker } from '../progress/tracker.ts';
import type { Plan } from '../sync/contract/plan.ts';
import { answeringService, runInProcess } from '../../test/harness/command-line.ts';
import type { Ran } from '../../test/harness/command-line.ts';

let cwd: string;
const closers: (() => Promise<void>)[] = [];
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'multiboard-sync-cli-'));
});
afterEach(async () => {
  rmSync(cwd, { recursive: true });
  for (const close of closers.splice(0)) await close();
});

const run = (
  argv: readonly string[],
  env: Record<string, string> = {},
  interrupts: (interrupt: () => void) => void = () => {},
  typed: string | null = null,
): Promise<Ran> => runInProcess({ argv, cwd, env, interrupts, typed });

const service = (handle: Parameters<typeof answeringService>[0]): Promise<string> =>
  answeringService(handle, closers);

/** A service that answers with an empty plan; `asked` has every address that was called. */
async function planner(
  inTheWay: readonly string[],
): Promise<{ readonly server: string; readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const plan: Plan = {
    type: 'plan',
    source: 'a',
    target: 'b',
    mode: 'replace',
    modeReason: null,
    backup: 'file',
    safety: 'a dump of the target, and its kept database',
    protected: false,
    schemas: null,
    tables: [],
    largeObjects: null,
    differences: [],
    collections: [],
    connections: { source: 6, target: 8 },
    sessions: [],
    targetBytesNeeded: 0,
    dumpBytesNeeded: 0,
    masking: null,
    leftOut: [],
    warnings: [],
    blockers: inTheWay.map((message) => errorReport(new SyncError('TARGET_KEPT_TABLE', message))),
  };
  const server = await service((request, response) => {
    asked.push(request.url ?? '');
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify(plan));
  });
  return { server, asked };
}

const two = {
  DEV_DATABASE_URL: 'postgresql://me:S3CR3T@h/dev',
  STAGING_DATABASE_URL: 'postgresql://me:S3CR3T@h/staging',
};

describe('the command line', () => {
  it('starts its help with two examples', async () => {
    const { code, stdout, stderr } = await run(['--help']);
    expect(stdout).toMatch(/^Examples:\n {2}multiboard-sync .*\n {2}multiboard-sync .*\n/);
    expect([code, stderr]).toEqual([0, '']);
    expect((await run(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each([
    [['ezport', 'dev'], 2, /unknown command 'ezport'.*Did you mean export\?/i],
    [['export'], 2, /missing required argument 'environment'/i],
    [['export', 'dev', '--worker', '3'], 2, /unknown option '--worker'.*--workers/i],
    [['export', 'dev', '--workers', '17'], 2, /whole number from 1 to 16/],
    [['export', 'dev', '--compress', 'lz4'], 2, /none, gzip/],
    [['export', 'deb'], 3, /no environment "deb".*Did you mean "dev"\?/],
    [['sync', 'dev', 'staging'], 2, /Without --confirm staging nothing is started/],
    [['sync', 'dev', 'staging', '--confirm', 'dev'], 2, /--confirm does not name the target "staging"/],
    [['sync', 'dev', 'staging', '--confirm', 'staging', '--mode', 'fast'], 2, /auto, replace, in-place/],
    [['plan', 'dev', 'staging', '--leave-out', 'evnt trigger'], 2, /must be a kind of object/],
    [['plan', 'dev', 'staging', '--map-role', 'postgres'], 2, /<role of the source>=<role of the target>/],
    [['import', 'nowhere.sql', 'dev', '--confirm', 'dev'], 2, /no file nowhere\.sql/],
    [['verify', 'dev'], 2, /Name two environments, or one with --search/],
    [['verify', 'dev', 'staging', '--search'], 2, /name one environment/],
    [['rollback', 'job1'], 2, /nothing was started/],
    [['dumps', 'show', 'unknown'], 12, /no dump "unknown"/],
    [['dumps', 'delete', 'unknown'], 12, /no dump "unknown"/],
    [['export', 'postgresql://me:S3CR3T@h/dev'], 3, /is not the name of an environment, and is not repeated/],
    [
      ['export', 'postgresql://h/dev?user=S3CR3T'],
      3,
      /is not the name of an environment, and is not repeated/,
    ],
    [['postgresql://me:S3CR3T@h/dev'], 2, /nknown command '\(an address, not shown\)'/],
    [
      ['import', 'postgresql://me:S3CR3T@h/dev', 'dev', '--confirm', 'dev'],
      2,
      /no file \(an address, not shown\)/,
    ],
    [['dumps', 'show', 'postgresql://me:S3CR3T@h/dev'], 12, /no dump "\(an address, not shown\)"/],
    [['rollback', 'postgresql://me:S3CR3T@h/dev', '--confirm', 'dev'], 2, /address, not shown/],
    [['export', 'dev', '--compress', 'postgresql://me:S3CR3T@h/dev'], 2, /address, not shown/],
    [['jobs', 'list', '--server', 'nonsense'], 2, /--server must be an address/],
    [['jobs', 'list', '--server', 'http://me:S3CR3T@h'], 2, /must not hold a password/],
    [['jobs', 'list', '--server', 'http://127.0.0.1:1'], 3, /cannot be reached/],
    [['export', 'dev', '--output', 'x', '--server', 'http://h'], 2, /--output cannot be used/],
    [['sync', 'a', 'b', '--confirm', 'b', '--workers', '2', '--server', 'http://h'], 2, /SYNC_WORKERS/],
    [['import', './file.sql', 'b', '--confirm', 'b', '--server', 'http://h'], 2, /by id, not files/],
  ])('%s ends with %d', async (argv, code, message) => {
    const people = await run(argv, two);
    expect(people.stderr.replaceAll('\n', ' ')).toMatch(message);
    expect(people.stderr).toMatch(/^Hint: .+\nCode: [A-Z_]+$/m);
    expect([people.code, people.stdout]).toEqual([code, '']);
    const machine = await run([...argv, '--json'], two);
    expect(machine).toMatchObject({ code, result: { type: 'result', ok: false, target: null } });
    expect(machine.result['error']).toMatchObject({ message: expect.stringMatching(message) as string });
    expect(people.stderr + machine.stdout + machine.stderr).not.toContain('S3CR3T');
  });

  it('lists the dumps there are not', async () => {
    expect((await run(['dumps'])).stdout).toMatch(/There is no dump yet/);
    expect((await run(['dumps', 'list', '--json'])).stdout).toBe('{"type":"result","ok":true,"dumps":[]}\n');
  });

  it('tells every fault of the configuration and exits with 3', async () => {
    const { code, stderr, result } = await run(['export', 'dev', '--json'], {
      ...two,
      PORT: 'x',
      API_KEY: 'S3CR3T',
    });
    expect(code).toBe(3);
    expect(stderr).toContain('PORT must be a whole number from 0 to 65535.');
    expect(result['error']).toMatchObject({ code: 'CONFIG_INVALID' });
  });
});

describe('through a service', () => {
  const receipt = {
    type: 'verify',
    notCompared: [],
    equal: false,
    left: 'a',
    right: 'b',
    tables: [],
    differences: [],
    seconds: 1,
  };
  const progress = {
    ...createTracker({
      jobId: 'j1',
      kind: 'verify',
      source: 'a',
      target: 'b',
      now: () => 1_700_000_000_000,
      emit: () => {},
    }).snapshot(),
    state: 'running',
    sequence: 3,
  };

  it('starts a job, follows it over a broken connection, and gives its receipt', async () => {
    const seen: string[] = [];
    let streams = 0;
    const server = await service((request, response, body) => {
      seen.push(`${request.method} ${request.url} ${body} ${request.headers.authorization}`);
      if (request.method === 'POST') {
        response.writeHead(202, { 'content-type': 'application/json' }).end('{"id":"j1"}');
        return;
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      streams += 1;
      if (streams === 1) {
        response.write(`event: progress\nid: 3\ndata: ${JSON.stringify(progress)}\n\n`, () =>
          response.destroy(),
        );
        return;
      }
      seen.push(`last ${String(request.headers['last-event-id'])}`);
      response.end(`event: end\ndata: ${JSON.stringify({ id: 'j1', receipt, error: null })}\n\n`);
    });
    const { code, stdout, result } = await run(['verify', 'a', 'b', '--server', server, '--json'], {
      API_KEY: 'S3CR3T',
    });
    expect(seen[0]).toBe('POST /api/verify {"left":"a","right":"b"} Bearer S3CR3T');
    expect(seen.at(-1)).toBe('last 3');
    expect(stdout.split('\n')[0]).toBe(JSON.stringify({ type: 'progress', progress }));
    expect(code).toBe(20);
    expect(result).toMatchObject({
      ok: false,
      equal: false,
      tables: [],
      error: { code: 'MISMATCH_ENVIRONMENTS' },
    });
    expect(stdout).not.toContain('S3CR3T');
  });

  it('gives a failed job’s error, hint and target', async () => {
    const error = {
      code: 'TARGET_DISK_FULL',
      category: 'target',
      message: 'The disk is full.',
      hint: 'Free some.',
      details: {},
    };
    const last = { ...progress, kind: 'sync', state: 'failed' };
    const server = await service((request, response) => {
      if (request.method === 'POST') response.writeHead(202).end('{"id":"j1"}');
      else {
        response.write(`event: progress\ndata: ${JSON.stringify(last)}\n\n`);
        response.end(`event: end\ndata: ${JSON.stringify({ id: 'j1', receipt: null, error })}\n\n`);
      }
    });
    const { code, result, stderr } = await run([
      'sync',
      'a',
      'b',
      '--confirm',
      'b',
      '--server',
      server,
      '--json',
    ]);
    expect(code).toBe(11);
    expect(result).toMatchObject({ ok: false, jobId: 'j1', target: 'This run did not change b.', error });
    expect(stderr).toContain(
      'Target: This run did not change b.\nHint: Free some.\nCode: TARGET_DISK_FULL\n',
    );
  });

  it('gives the service’s refusal', async () => {
    const server = await service((_, response) => {
      response
        .writeHead(401, { 'content-type': 'application/problem+json' })
        .end(JSON.stringify({ code: 'AUTH_KEY_MISSING', detail: 'No key.', hint: 'Send it.', details: {} }));
    });
    expect(await run(['jobs', '--server', server, '--json'])).toMatchObject({
      code: 4,
      result: { error: { code: 'AUTH_KEY_MISSING', message: 'No key.', hint: 'Send it.' } },
    });
  });

  it('says so when something else answers', async () => {
    const server = await service((_, response) => response.writeHead(404).end('<html>'));
    const { code, stderr } = await run(['jobs', '--server', server]);
    expect([code, stderr]).toEqual([
      3,
      expect.stringContaining('answered 404, which is not an answer of this service'),
    ]);
  });

  describe('the key goes', () => {
    const named = (url: string): void => {
      const text = JSON.stringify({ url, token: `token-${'t'.repeat(40)}` });
      mkdirSync(join(cwd, 'data'), { recursive: true });
      writeFileSync(join(cwd, 'data', 'service.json'), text, { mode: 0o600 });
    };
    const made = 'm'.repeat(43);
    const makeKey = (): void => {
      mkdirSync(join(cwd, 'data'), { recursive: true });
      writeFileSync(join(cwd, 'data', 'api-key'), `${made}\n`, { mode: 0o600 });
    };
    let seen: (string | undefined)[];
    let server: string;
    beforeEach(async () => {
      seen = [];
      server = await service((request, response) => {
        seen.push(request.headers.authorization);
        response.end('{"jobs":[]}');
      });
    });

    it('to nobody where no address was said', async () => {
      makeKey();
      const { code, stderr } = await run(['jobs'], { API_KEY: 'S3CR3T' });
      expect([code, stderr]).toEqual([3, expect.stringContaining('no address was given; nothing was sent')]);
    });

    it('not to whatever listens where a service of this data directory was: it gets what that service alone knew', async () => {
      makeKey();
      named(server);
      expect((await run(['jobs'], { API_KEY: 'S3CR3T' })).code).toBe(0);
      expect(seen).toEqual([`Bearer token-${'t'.repeat(40)}`]);
    });

    it('to an address that was said, the one of API_KEY first, else the one that the service has made', async () => {
      makeKey();
      const { port } = new URL(server);
      expect((await run(['jobs'], { PORT: port, API_KEY: 'S3CR3T' })).code).toBe(0);
      expect((await run(['jobs', '--server', server], { API_KEY: 'S3CR3T' })).code).toBe(0);
      expect((await run(['jobs', '--server', server])).code).toBe(0);
      writeFileSync(join(cwd, 'multiboard-sync.config.yaml'), `http:\n  port: ${port}\n`);
      expect((await run(['jobs'])).code).toBe(0);
      expect(seen).toEqual(['Bearer S3CR3T', 'Bearer S3CR3T', `Bearer ${made}`, `Bearer ${made}`]);
    });

    it('nowhere else, where it was made for this machine', async () => {
      makeKey();
      expect((await run(['jobs', '--server', server.replace('127.0.0.1', '0.0.0.0')])).code).toBe(0);
      expect(seen).toEqual([undefined]);
    });

    it('nowhere, where others may have written the file', async () => {
      makeKey();
      chmodSync(join(cwd, 'data', 'api-key'), 0o644);
      const { code, stderr } = await run(['jobs', '--server', server]);
      expect([code, stderr]).toEqual([
        3,
        expect.stringContaining('api-key may be read or written by other users'),
      ]);
      expect(seen).toEqual([]);
    });
  });

  it('asks the service to cancel at the first Ctrl-C and leaves at the second', async () => {
    const seen: string[] = [];
    let interrupt = (): void => {};
    let finish = (): void => {};
    const server = await service((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      if (request.url?.endsWith('/cancel') === true) {
        response.end('{}');
        finish();
      } else if (request.method === 'POST') response.writeHead(202).end('{"id":"j1"}');
      else {
        response.write(`event: progress\ndata: ${JSON.stringify(progress)}\n\n`);
        const error = {
          code: 'CANCELLED',
          category: 'cancelled',
          message: 'Cancelled.',
          hint: '',
          details: {},
        };
        finish = () =>
          response.end(`event: end\ndata: ${JSON.stringify({ id: 'j1', receipt: null, error })}\n\n`);
        interrupt();
      }
    });
    const { code, stderr } = await run(['export', 'a', '--server', server], {}, (listener) => {
      interrupt = listener;
    });
    expect(code).toBe(130);
    expect(seen).toContain('POST /api/jobs/j1/cancel');
    expect(stderr).toContain('Cancelling job j1 on the service');
  });

  it('leaves a job alone at Ctrl-C while it only watches', async () => {
    const seen: string[] = [];
    let interrupt = (): void => {};
    const server = await service((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      response.write(`event: progress\ndata: ${JSON.stringify(progress)}\n\n`);
      interrupt();
    });
    const { code, stderr } = await run(['jobs', 'watch', 'j1', '--server', server], {}, (listener) => {
      interrupt = listener;
    });
    expect([code, seen]).toEqual([130, ['GET /api/jobs/j1/stream']]);
    expect(stderr).toContain('Job j1 keeps running on the service.');
  });

  it.each([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('shows the plan before it asks for the name, and starts nothing at %s', async (_key, typed) => {
    const { server, asked } = await planner([]);
    const { code, stderr } = await run(['sync', 'a', 'b', '--server', server], {}, () => {}, typed);
    expect([code, asked]).toEqual([130, ['/api/plan']]);
    expect(stderr).toMatch(
      /A sync would make b equal to a\.[^]*Type the target’s name[^]*Nothing was started\./,
    );
    expect(stderr).not.toMatch(/INTERNAL|at .*:\d+/);
  });

  it('asks for no name where the plan shows that it cannot be done', async () => {
    const message = 'Rows have no place.';
    const { server, asked } = await planner([message]);
    const { code, stderr } = await run(['sync', 'a', 'b', '--server', server], {}, () => {}, 'b\n');
    expect([code, asked]).toEqual([11, ['/api/plan']]);
    expect(stderr).not.toContain('Type the target');
    // What the plan has told is not told again.
    expect(stderr.split(message)).toHaveLength(2);
    expect(stderr).toMatch(/A sync of a to b would fail.* names 1 thing.*\n.*\nCode: TARGET_KEPT/);
  });

  it('looks for the dump before it asks for the name', async () => {
    const env = { B_DATABASE_URL: 'postgresql://h/b' };
    const { code, stderr } = await run(['import', './none.sql', 'b'], env, () => {}, 'b\n');
    expect(code).toBe(2);
    expect(stderr).not.toContain('Type the target');
    expect(stderr).toContain('There is no file ./none.sql; nothing was started.');
  });

  it('lists and shows jobs', async () => {
    const job = {
      id: 'j1',
      kind: 'sync',
      state: 'failed',
      source: 'a',
      target: 'b',
      createdAt: Date.UTC(2026, 10, 30, 9, 15),
      startedAt: Date.UTC(2026, 10, 30, 9, 16),
      finishedAt: Date.UTC(2026, 10, 30, 9, 17, 5),
      progress: null,
      receipt: null,
      error: { code: 'INTERNAL', message: 'Broken.', hint: 'Report it.' },
    };
    const server = await service((request, response) => {
      response.end(JSON.stringify(request.url?.startsWith('/api/jobs?') === true ? { jobs: [job] } : job));
    });
    expect((await run(['jobs', 'list', '--server', server])).stdout).toMatch(
      /^Id .*\nj1 {2}sync +failed +a +b +2026-11-30 09:15 +1 min 05 s +- +INTERNAL *\n$/,
    );
    expect((await run(['jobs', 'show', 'j1', '--server', server])).stdout).toContain('Broken. (INTERNAL)');
    expect((await run(['jobs', 'show', 'j1', '--server', server, '--json'])).result).toEqual({
      type: 'result',
      ok: true,
      job,
    });
  });

  it('leaves a job to the service, and says how to follow it', async () => {
    const seen: string[] = [];
    const server = await service((request, response, body) => {
      seen.push(`${request.method} ${request.url} ${body}`);
      response.statusCode = 202;
      response.end(JSON.stringify({ id: 'j7' }));
    });
    const ran = await run(['sync', 'a', 'b', '--confirm', 'b', '--detach', '--server', server]);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toBe(
      `Job j7 is queued. Follow it: multiboard-sync jobs watch j7 --server ${server}\n`,
    );
    expect(seen).toEqual(['POST /api/sync {"source":"a","target":"b","confirm":"b"}']);
    const file = await run(['import', './x.sql', 'b', '--confirm', 'b', '--detach', '--server', server]);
    expect([file.code, seen.length]).toEqual([2, 1]);
    const nobody = await run(['verify', 'a', 'b', '--detach'], {
      A_DATABASE_URL: 'postgresql://h/a',
      B_DATABASE_URL: 'postgresql://h/b',
    });
    expect(nobody.stderr).toContain('CONFIG_SERVICE_UNREACHABLE');
  });

  it('tells what a job has told, from a level on, to its end', async () => {
    const lines = ['info', 'warn', 'error', 'info'].map((level, index) => ({
      at: Date.UTC(2026, 10, 30, 9, 15, index),
      level,
      message: `line ${index}`,
      fields: {},
    }));
    let asked = 0;
    const server = await service((request, response) => {
      if (request.url === '/api/jobs/j1/logs') {
        asked += 1;
        response.end(JSON.stringify({ lines: lines.slice(0, asked * 2) }));
      } else response.end(JSON.stringify({ id: 'j1', state: asked === 0 ? 'running' : 'done' }));
    });
    const ran = await run(['jobs', 'logs', 'j1', '--follow', '--level', 'warn', '--server', server]);
    expect(ran).toMatchObject({
      code: 0,
      stdout: '2026-11-30T09:15:01.000Z warn  line 1\n2026-11-30T09:15:02.000Z error line 2\n',
    });
    const json = await run(['jobs', 'logs', 'j1', '--json', '--server', server]);
    expect(json.stdout.split('\n')[0]).toBe(
      `{"type":"log","at":${lines[0]?.at ?? 0},"level":"info","message":"line 0","fields":{}}`,
    );
    expect(json.result).toEqual({ type: 'result', ok: true, jobId: 'j1', state: 'done', lines: 4 });
  });

  it('tells a shell what may come next, and each shell how to ask', async () => {
    const env = { PRODUCTION_DATABASE_URL: 'postgresql://h/a', STAGING_DATABASE_URL: 'postgresql://h/b' };
    expect((await run(['complete', '--', 'sync', 'production', ''], env)).stdout).toBe(
      'production\nstaging\n',
    );
    expect((await run(['complete', '--', 'jobs', 'l'], env)).stdout).toBe('list\nlogs\n');
    expect((await run(['complete', '--', 'sync', '--ba'], env)).stdout).toBe('--backup\n');
    for (const shell of ['bash', 'zsh', 'fish'])
      expect((await run(['completion', shell])).stdout).toContain('multiboard-sync complete --');
    expect(await run(['completion', 'csh'])).toMatchObject({ code: 2 });
  });

  it('asks nobody who is not there', async () => {
    const { code, stderr } = await run(['init']);
    expect(code).toBe(2);
    expect(stderr).toContain('init asks questions, and needs a terminal for them.');
  });
});

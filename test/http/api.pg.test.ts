import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApiDocument } from '../../src/http/openapi.ts';
import { problemSchema } from '../../src/http/problem.ts';
import { routes } from '../../src/http/routes.ts';
import { jobSchema, planSchema } from '../../src/http/schemas.ts';
import { scheduleViewSchema } from '../../src/http/schedule-routes.ts';
import { SyncError } from '../../src/errors/sync-error.ts';
import { Secret } from '../../src/lib/secret.ts';
import { expectSoon, dumpBytes, planOf, planted, startTestService } from './harness.ts';
import type { Answer, CallOptions, TestService } from './harness.ts';
import { webReceiver } from '../notices/receivers.ts';
import { scriptedRun } from './scripted-run.ts';

const script = scriptedRun();
let service: TestService;
const call = (method: string, path: string, options?: CallOptions): Promise<Answer> =>
  service.call(method, path, options);

const sync = { source: 'production', target: 'staging', confirm: 'staging' };

beforeAll(async () => {
  service = await startTestService({
    run: script.run,
    deps: {
      testEnvironment: async () => {
        throw new Error(`connect postgresql://u:${planted.foreign}@h/d failed`);
      },
    },
  });
});
afterAll(async () => {
  await service.stop();
});

function expectProblem(answer: Answer, status: number, code: string): void {
  expect([answer.status, answer.json?.code]).toEqual([status, code]);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  expect(problemSchema.parse(answer.json).status).toBe(status);
  expect(answer.json.hint).not.toBe('');
}

const guarded = routes.filter(({ access }) => access !== 'open');
const concrete = (path: string): string => path.replace('{id}', 'x').replace('{name}', 'dev');

describe('the key', () => {
  it.each(guarded.map(({ method, path }) => [method.toUpperCase(), concrete(path)] as const))(
    'is needed for %s %s',
    async (method, path) => {
      for (const key of [null, 'wrong', `${planted.apiKey}x`, '']) {
        const answer = await call(method, path, { key });
        expectProblem(answer, 401, 'AUTH_KEY_MISSING');
        expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
      }
    },
  );

  it('is not taken from the address', async () => {
    expectProblem(
      await call('GET', `/api/jobs?key=${planted.apiKey}`, { key: null }),
      401,
      'AUTH_KEY_MISSING',
    );
    expect(service.logText()).not.toContain(planted.apiKey);
  });

  it('is not needed for health, readiness and the description', async () => {
    for (const path of ['/health', '/ready', '/api/openapi.json']) {
      expect([path, (await call('GET', path, { key: null })).status]).toEqual([path, 200]);
    }
  });
});

describe('what is wrong with a request', () => {
  it('names every fault of a body with its path, and starts nothing', async () => {
    const answer = await call('POST', '/api/sync', {
      body: { source: 'Not A Name', mode: 'x', force: true },
    });
    expectProblem(answer, 400, 'USAGE_INVALID');
    const issues = answer.json.details.issues as string[];
    for (const path of ['body.source:', 'body.target:', 'body.confirm:', 'body.mode:', 'body:']) {
      expect(issues.some((issue) => issue.startsWith(path))).toBe(true);
    }
    expect((await call('GET', '/api/jobs')).json.jobs).toEqual([]);
  });

  it.each([
    ['bad JSON', '{"source": planted-in-a-driver', 400, 'USAGE_INVALID'],
    ['a body that is no object', '"text"', 400, 'USAGE_INVALID'],
    ['no body', '', 400, 'USAGE_INVALID'],
    ['a body that is too large', JSON.stringify({ source: 'a'.repeat(70_000) }), 413, 'USAGE_BODY_TOO_LARGE'],
  ])('refuses %s', async (_what, rawBody, status, code) => {
    expectProblem(await call('POST', '/api/sync', { rawBody }), status, code);
  });

  it('refuses a form, which a foreign page could send', async () => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    expectProblem(await call('POST', '/api/sync', { rawBody: 'source=a', headers }), 400, 'USAGE_INVALID');
  });

  it.each([
    ['/api/jobs?limit=0', 'query.limit'],
    ['/api/jobs?limit=many', 'query.limit'],
    ['/api/jobs?state=odd', 'query.state'],
    ['/api/jobs?stat=done', 'query'],
    ['/api/jobs/..%2Fetc', 'path.id'],
    ['/api/dumps/..%2F..%2Fetc%2Fpasswd/download', 'path.id'],
    ['/api/jobs/%E0%A4%A', ''],
  ])('refuses %s', async (path, fault) => {
    const answer = await call('GET', path);
    expectProblem(answer, 400, 'USAGE_INVALID');
    expect(JSON.stringify(answer.json)).toContain(fault);
  });

  it('says what an address takes, and that there is none', async () => {
    const answer = await call('PUT', '/api/jobs/x');
    expectProblem(answer, 405, 'USAGE_METHOD');
    expect(answer.headers.get('allow')).toBe('GET');
    expectProblem(await call('GET', '/api/nothing'), 404, 'USAGE_NOT_FOUND');
    expectProblem(await call('GET', '/../package.json'), 404, 'USAGE_NOT_FOUND');
    expectProblem(await call('GET', '/..%2fpackage.json'), 404, 'USAGE_NOT_FOUND');
  });

  it.each([
    [{ ...sync, confirm: 'Staging' }, 400, 'USAGE_CONFIRM_MISMATCH'],
    [{ ...sync, confirm: '' }, 400, 'USAGE_CONFIRM_MISMATCH'],
    [{ ...sync, target: 'dev' }, 400, 'USAGE_CONFIRM_MISMATCH'],
    [{ ...sync, source: 'staging' }, 409, 'CONFLICT_SAME_DATABASE'],
    [{ source: 'staging', target: 'production', confirm: 'production' }, 403, 'CONFLICT_TARGET_PROTECTED'],
    [{ ...sync, source: 'nowhere' }, 422, 'CONFIG_ENVIRONMENT_UNKNOWN'],
  ])('refuses the sync %j', async (body, status, code) => {
    expectProblem(await call('POST', '/api/sync', { body }), status, code);
    expect((await call('GET', '/api/jobs')).json.jobs).toEqual([]);
  });

  it('says which environments there are, and which may be meant', async () => {
    const words = /There is no environment "stagin"\. There are: .*staging.* Did you mean "staging"\?/;
    const body = { ...sync, source: 'stagin' };
    expect((await call('POST', '/api/sync', { body })).json.detail).toMatch(words);
    expect((await call('POST', '/api/environments/stagin/test')).json.detail).toMatch(words);
  });

  it('refuses an import of an unknown dump, or without the right confirm', async () => {
    const body = { dump: { id: 'nope' }, target: 'dev', confirm: 'dev' };
    expectProblem(await call('POST', '/api/sync/import', { body }), 404, 'STORAGE_DUMP_UNKNOWN');
    const wrong = { dump: { id: 'dump-1' }, target: 'dev', confirm: 'yes' };
    expectProblem(await call('POST', '/api/sync/import', { body: wrong }), 400, 'USAGE_CONFIRM_MISMATCH');
    const path = { dump: { file: '/etc/passwd' }, target: 'dev', confirm: 'dev' };
    expectProblem(await call('POST', '/api/sync/import', { body: path }), 400, 'USAGE_INVALID');
  });

  it.each([
    ['GET', '/api/jobs/unknown'],
    ['GET', '/api/jobs/unknown/logs'],
    ['GET', '/api/jobs/unknown/stream'],
    ['POST', '/api/jobs/unknown/cancel'],
    ['POST', '/api/environments/unknown/test'],
  ])('finds nothing at %s %s', async (method, path) => {
    expectProblem(await call(method, path), 404, 'USAGE_NOT_FOUND');
  });

  it('shows nothing of an error from inside but its class, and logs its place', async () => {
    const answer = await call('POST', '/api/environments/dev/test', {
      headers: { 'X-Request-Id': 'request-77' },
    });
    expectProblem(answer, 500, 'INTERNAL');
    expect(answer.json.requestId).toBe('request-77');
    expect(service.logText()).toContain('request failed inside');
    expect(service.logText()).toContain('api.pg.test.ts');
    expect(service.logText() + service.answerText()).not.toContain(planted.foreign);
  });
});

describe('a job', () => {
  it('goes from its request to its receipt', async () => {
    const accepted = await call('POST', '/api/sync', { body: sync });
    const { id } = accepted.json as { id: string };
    expect([accepted.status, accepted.headers.get('location')]).toEqual([202, `/api/jobs/${id}`]);
    const running = await script.next();
    expect([running.jobId, running.request]).toEqual([id, { kind: 'sync', input: sync }]);
    running.log('a line');
    running.progress(40, 'Loading');
    await expectSoon(async () => (await call('GET', `/api/jobs/${id}`)).json.progress?.percent).toBe(40);
    expectProblem(
      await call('POST', `/api/jobs/${id}/rollback`, { body: { confirm: 'staging' } }),
      409,
      'CONFLICT_STATE',
    );
    running.finish();
    await expectSoon(async () => (await call('GET', `/api/jobs/${id}`)).json.state).toBe('done');
    const job = jobSchema.parse((await call('GET', `/api/jobs/${id}`)).json);
    expect(job).toMatchObject({
      kind: 'sync',
      source: 'production',
      target: 'staging',
      receipt: { rows: 62_345 },
    });
    const { lines } = (await call('GET', `/api/jobs/${id}/logs`)).json;
    expect(lines).toMatchObject([{ message: 'a line', level: 'info', fields: { rows: 1 } }]);

    expectProblem(
      await call('POST', `/api/jobs/${id}/rollback`, { body: { confirm: 'dev' } }),
      400,
      'USAGE_CONFIRM_MISMATCH',
    );
    const undo = await call('POST', `/api/jobs/${id}/rollback`, { body: { confirm: 'staging' } });
    expect(undo.status).toBe(202);
    const undoing = await script.next();
    expect(undoing.request).toEqual({ kind: 'rollback', input: { jobId: id, confirm: 'staging' } });
    undoing.finish();
  });

  it('can be cancelled, and asked for again', async () => {
    const { id } = (await call('POST', '/api/sync', { body: { ...sync, target: 'dev', confirm: 'dev' } }))
      .json;
    await script.next();
    const cancelling = await call('POST', `/api/jobs/${id}/cancel`);
    expect(cancelling.status).toBe(200);
    // What stops at once may have done so before the answer.
    expect(['cancelling', 'cancelled']).toContain(cancelling.json.state);
    await expectSoon(async () => (await call('GET', `/api/jobs/${id}`)).json.state).toBe('cancelled');
    expectProblem(await call('POST', `/api/jobs/${id}/cancel`), 409, 'CONFLICT_STATE');
    expectProblem(await call('POST', `/api/jobs/${id}/retry`, { body: {} }), 400, 'USAGE_CONFIRM_MISMATCH');
    const again = await call('POST', `/api/jobs/${id}/retry`, { body: { confirm: 'dev' } });
    expect(again.status).toBe(202);
    const second = await script.next();
    expect((await call('GET', `/api/jobs/${again.json.id}`)).json.retryOf).toBe(id);
    second.fail(new SyncError('TARGET_DISK_FULL', 'No space on dev.'));
    await expectSoon(async () => (await call('GET', `/api/jobs/${again.json.id}`)).json.error?.code).toBe(
      'TARGET_DISK_FULL',
    );
  });

  it.each([
    ['/api/sync/export', { environment: 'production' }, 'export'],
    ['/api/sync/import', { dump: { id: 'dump-1' }, target: 'dev', confirm: 'dev' }, 'import'],
    ['/api/sync/typesense', { environment: 'dev', collections: ['parts'] }, 'typesense'],
    ['/api/verify', { left: 'production', right: 'dev' }, 'verify'],
  ])('is queued by %s', async (path, body, kind) => {
    const { status, json } = await call('POST', path, { body });
    expect(status).toBe(202);
    const job = await script.next();
    expect([job.jobId, job.request]).toEqual([json.id, { kind, input: body }]);
    job.finish();
    await expectSoon(async () => (await call('GET', `/api/jobs/${json.id}`)).json.state).toBe('done');
  });

  it('is listed by pages and filters', async () => {
    const all = (await call('GET', '/api/jobs')).json.jobs as { id: string; kind: string }[];
    const ids: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: { jobs: { id: string }[]; nextCursor: string | null } = (
        await call('GET', `/api/jobs?limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`)
      ).json;
      expect(page.jobs.length).toBeLessThanOrEqual(3);
      ids.push(...page.jobs.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(ids).toEqual(all.map(({ id }) => id));
    const exports = (await call('GET', '/api/jobs?kind=export&state=done&environment=production')).json.jobs;
    expect(exports.map(({ kind }: { kind: string }) => kind)).toEqual(['export']);
  });
});

describe('the rest', () => {
  it('lists environments without their secrets', async () => {
    const { json } = await call('GET', '/api/environments');
    expect(json.environments).toContainEqual({
      name: 'staging',
      protection: 'protected',
      schema: 'public',
      database: { host: 'db.example.org', port: 5432, name: 'staging' },
      search: true,
    });
  });

  it('plans without confirm', async () => {
    const { status, json } = await call('POST', '/api/plan', {
      body: { source: 'production', target: 'staging' },
    });
    expect(status).toBe(200);
    expect(planSchema.parse(json)).toEqual(planOf('production', 'staging'));
  });

  it('shows and sends dumps', async () => {
    expect((await call('GET', '/api/dumps')).json.dumps).toHaveLength(1);
    expect((await call('GET', '/api/dumps/dump-1')).json).toMatchObject({ id: 'dump-1', contents: [] });
    const file = await call('GET', '/api/dumps/dump-1/download');
    expect(file.text).toBe(dumpBytes.toString());
    expect(file.headers.get('content-disposition')).toBe('attachment; filename="dump-1.sql"');
    expect(file.headers.get('content-length')).toBe(String(dumpBytes.length));
    expectProblem(await call('DELETE', '/api/dumps/dump-1'), 409, 'STORAGE_DUMP_BUSY');
    expectProblem(await call('DELETE', '/api/dumps/dump-2'), 404, 'STORAGE_DUMP_UNKNOWN');
  });

  it('describes itself, the same as its route table', async () => {
    const { json } = await call('GET', '/api/openapi.json');
    expect(json).toEqual(JSON.parse(JSON.stringify(openApiDocument(routes, '0.0.0-test'))));
  });

  it('counts jobs and memory for Prometheus', async () => {
    const { text, headers } = await call('GET', '/metrics');
    expect(headers.get('content-type')).toContain('text/plain; version=0.0.4');
    expect(text).toMatch(/^multiboard_sync_jobs\{state="cancelled"\} 1$/m);
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
    for (const line of text.trim().split('\n')) {
      expect(line).toMatch(/^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"]*"\})? [0-9.e+-]+)$/);
    }
  });

  it('takes nothing new while it stops, and still answers', async () => {
    service.stopping(true);
    try {
      expectProblem(await call('GET', '/ready'), 503, 'SERVICE_STOPPING');
      expectProblem(await call('POST', '/api/sync', { body: sync }), 503, 'SERVICE_STOPPING');
      const { id } = (await call('GET', '/api/jobs?state=cancelled')).json.jobs[0];
      const again = await call('POST', `/api/jobs/${id}/retry`, { body: { confirm: 'dev' } });
      expectProblem(again, 503, 'SERVICE_STOPPING');
      // What runs may still be cancelled.
      expectProblem(await call('POST', `/api/jobs/${id}/cancel`), 409, 'CONFLICT_STATE');
      expect((await call('GET', '/health')).status).toBe(200);
    } finally {
      service.stopping(false);
    }
  });

  it('sends headers that let no page of another origin in', async () => {
    const { headers } = await call('GET', '/');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
  });

  it('has said no planted secret, in any answer or log line', () => {
    const said = service.answerText() + service.logText();
    expect(said.length).toBeGreaterThan(10_000);
    for (const secret of Object.values(planted)) expect(said).not.toContain(secret);
  });
});

describe('schedules', () => {
  const nightly = {
    name: 'nightly',
    cron: '30 2 * * *',
    timeZone: 'Europe/Berlin',
    kind: 'sync',
    input: sync,
  };

  it('are made, shown, paused, left out once, started by hand and removed', async () => {
    const made = await call('POST', '/api/schedules', { body: nightly });
    expect([made.status, scheduleViewSchema.parse(made.json)]).toMatchObject([
      201,
      { from: 'api', target: 'staging', words: 'At 02:30 (Europe/Berlin)', paused: null },
    ]);
    expect((await call('GET', '/api/schedules')).json.schedules).toEqual([made.json]);
    const paused = await call('POST', '/api/schedules/nightly/pause', { body: {} });
    expect(paused.json.paused).toBe('person');
    const skipped = await call('POST', '/api/schedules/nightly/skip-next', { body: {} });
    expect(skipped.json.skip).toBe(skipped.json.next[0]);
    expect((await call('POST', '/api/schedules/nightly/resume', { body: {} })).json.paused).toBeNull();
    const started = await call('POST', '/api/schedules/nightly/run', { body: {} });
    const job = await call('GET', started.headers.get('location') ?? '');
    expect([started.status, jobSchema.parse(job.json).trigger]).toEqual([
      202,
      { by: 'schedule', schedule: 'nightly', slot: null },
    ]);
    expectProblem(await call('POST', '/api/schedules', { body: nightly }), 409, 'CONFLICT_STATE');
    expect((await call('DELETE', '/api/schedules/nightly')).status).toBe(204);
    expectProblem(await call('GET', '/api/schedules/nightly'), 404, 'USAGE_NOT_FOUND');
  });

  it('are held against the checks of a job, and refused with what is wrong', async () => {
    const toProduction = { source: 'staging', target: 'production', confirm: 'production' };
    for (const [more, status, code] of [
      [{ input: toProduction }, 403, 'CONFLICT_TARGET_PROTECTED'],
      [{ input: { ...sync, source: 'nowhere' } }, 422, 'CONFIG_ENVIRONMENT_UNKNOWN'],
      [{ input: { ...sync, confirm: 'dev' } }, 400, 'USAGE_INVALID'],
      [{ cron: 'at night' }, 400, 'USAGE_INVALID'],
      [{ timeZone: 'Mars/Base' }, 400, 'USAGE_INVALID'],
    ] as const)
      expectProblem(await call('POST', '/api/schedules', { body: { ...nightly, ...more } }), status, code);
  });
});

describe('channels', () => {
  it('are shown without what is secret, and tested', async () => {
    const { url, received } = await webReceiver();
    const team = { name: 'team', type: 'slack', events: null, environments: null } as const;
    const own = await startTestService({
      channels: [{ ...team, url: new Secret(`${url}?token=${planted.foreign}`) }],
    });
    try {
      const list = await own.call('GET', '/api/notices');
      expect(list.json).toEqual({ channels: [{ ...team, to: null }] });
      const tested = await own.call('POST', '/api/notices/team/test', { body: {} });
      expect([tested.status, received.length]).toEqual([200, 1]);
      expectProblem(await own.call('POST', '/api/notices/nobody/test', { body: {} }), 404, 'USAGE_NOT_FOUND');
      expect(own.logText() + own.answerText()).not.toContain(planted.foreign);
    } finally {
      await own.stop();
    }
  });
});

describe('rehearsals', () => {
  it('are asked for as every job, on a server that may be written to', async () => {
    const input = { environment: 'production', server: 'staging' };
    const started = await call('POST', '/api/rehearsals', { body: input });
    const job = await call('GET', started.headers.get('location') ?? '');
    expect([started.status, jobSchema.parse(job.json).request]).toEqual([202, { kind: 'rehearsal', input }]);
    expectProblem(
      await call('POST', '/api/rehearsals', { body: { ...input, server: 'production' } }),
      403,
      'CONFLICT_TARGET_PROTECTED',
    );
    expect((await call('GET', '/api/rehearsals')).json).toEqual({ rehearsals: [] });
    expect((await call('GET', '/metrics')).text).toContain(
      'multiboard_sync_rehearsal_proved_timestamp_seconds',
    );
  });
});

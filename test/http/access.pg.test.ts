import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewToken } from '../../src/access/tokens.ts';
import type { Scope } from '../../src/access/scope.ts';
import type { JobRequest } from '../../src/sync/contract/requests.ts';
import { routes } from '../../src/http/routes.ts';
import { openEventStream } from './event-stream.ts';
import { adminPass } from '../../src/http/door.ts';
import type { HttpDeps } from '../../src/http/ports.ts';
import type { DumpSummary } from '../../src/dump/store.ts';
import type { ChannelView } from '../../src/notices/notices.ts';
import type { Manifest } from '../../src/dump/manifest.ts';
import { dumpBytes, dumpSummary, heard, planted, startTestService } from './harness.ts';
import type { Answer, TestService } from './harness.ts';

/** Moved on by what has to see a token expire. */
let ahead = 0;
let service: TestService;
/** What was changed beside jobs. */
const changed: string[] = [];
const keys = new Map<string, string | null>();

/** A dump for each environment, named after it. */
const summaryOf = (environment: string): DumpSummary => ({ ...dumpSummary, id: environment, environment });
const dumps: HttpDeps['dumps'] = {
  list: async () => ['production', 'staging', 'dev'].map(summaryOf),
  get: async (id) => ({ summary: summaryOf(id), manifest: emptyManifest }),
  open: async (id) => {
    changed.push(`handed out ${id}`);
    return { summary: summaryOf(id), fileName: `${id}.sql`, stream: Readable.from([dumpBytes]) };
  },
  remove: async (id) => {
    changed.push(`removed ${id}`);
  },
};
const channel: ChannelView = { name: 'team', type: 'slack', to: null, events: null, environments: null };
const notices: HttpDeps['notices'] = {
  list: () => [channel],
  test: async (name) => {
    changed.push(`sent to ${name}`);
    return channel;
  },
};
const emptyManifest = { source: {}, snapshot: {}, objects: [], tables: [] } as unknown as Manifest;

async function token(more: Partial<NewToken> & Pick<NewToken, 'name' | 'scope'>): Promise<string> {
  const { secret } = await service.tokens.create({
    environments: null,
    expiresAt: null,
    createdBy: 'test',
    ...more,
  });
  return secret.reveal();
}

beforeAll(async () => {
  service = await startTestService({ now: () => Date.now() + ahead, deps: { dumps, notices } });
  keys.set('nobody', null);
  keys.set('read', await token({ name: 'reader', scope: 'read' }));
  keys.set('own', await token({ name: 'for-dev', scope: 'operate', environments: ['dev'] }));
  keys.set('other', await token({ name: 'for-staging', scope: 'operate', environments: ['staging'] }));
  keys.set('all', await token({ name: 'for-all', scope: 'operate' }));
  keys.set('admin', await token({ name: 'boss', scope: 'admin' }));
  keys.set('API_KEY', planted.apiKey);
  keys.set('revoked', await token({ name: 'gone', scope: 'admin' }));
  await service.tokens.revoke('gone');
  keys.set('expired', await token({ name: 'old', scope: 'admin', expiresAt: Date.now() + 60_000 }));
  ahead = 60_000;
});
afterAll(async () => {
  await service.stop();
});

const call = (who: string, method: string, path: string, body?: unknown): Promise<Answer> =>
  service.call(method, path, { key: keys.get(who) ?? null, body });

async function job(request: JobRequest): Promise<string> {
  return service.queue.addJob(request);
}
async function endedJob(request: JobRequest): Promise<string> {
  const id = await job(request);
  await service.queue.cancelJob(id);
  return id;
}
const syncTo = (target: string): JobRequest => ({
  kind: 'sync',
  input: { source: 'production', target, confirm: target },
});

const scheduleOf = (name: string, target: string): object => ({
  name,
  cron: '30 2 * * *',
  timeZone: 'UTC',
  kind: 'sync',
  input: { source: 'production', target, confirm: target },
});
async function schedule(target: string): Promise<string> {
  const name = `made-${(names += 1)}`;
  await call('admin', 'POST', '/api/schedules', scheduleOf(name, target));
  return name;
}

interface Sent {
  readonly path?: string;
  readonly body?: unknown;
}

/**
 * A valid request on each address, about the environment `dev` where it is about one. A route that is missing here
 * fails the test.
 */
const valid: Readonly<Record<string, () => Sent | Promise<Sent>>> = {
  'post /api/sync': () => ({ body: { source: 'staging', target: 'dev', confirm: 'dev' } }),
  'post /api/sync/export': () => ({ body: { environment: 'dev' } }),
  'post /api/sync/import': () => ({ body: { dump: { id: 'production' }, target: 'dev', confirm: 'dev' } }),
  'post /api/sync/typesense': () => ({ body: { environment: 'dev' } }),
  'get /api/rehearsals': () => ({}),
  'post /api/rehearsals': () => ({ body: { environment: 'production', server: 'dev' } }),
  'post /api/verify': () => ({ body: { left: 'production', right: 'dev' } }),
  'post /api/plan': () => ({ body: { source: 'production', target: 'dev' } }),
  'get /api/jobs': () => ({}),
  'get /api/jobs/{id}': async () => ({ path: `/api/jobs/${await job(syncTo('dev'))}` }),
  'get /api/jobs/{id}/stream': async () => ({ path: `/api/jobs/${await endedJob(syncTo('dev'))}/stream` }),
  'get /api/jobs/{id}/logs': async () => ({ path: `/api/jobs/${await job(syncTo('dev'))}/logs` }),
  'post /api/jobs/{id}/cancel': async () => ({ path: `/api/jobs/${await job(syncTo('dev'))}/cancel` }),
  'post /api/jobs/{id}/retry': async () => ({
    path: `/api/jobs/${await endedJob(syncTo('dev'))}/retry`,
    body: { confirm: 'dev' },
  }),
  'post /api/jobs/{jobId}/rollback': async () => ({
    path: `/api/jobs/${await endedJob(syncTo('dev'))}/rollback`,
    body: { confirm: 'dev' },
  }),
  'get /api/environments': () => ({}),
  'post /api/environments/{name}/test': () => ({ path: '/api/environments/dev/test' }),
  'get /api/environments/{name}/mask-suggestions': () => ({
    path: '/api/environments/dev/mask-suggestions',
  }),
  'get /api/dumps': () => ({}),
  'get /api/dumps/{id}': () => ({ path: '/api/dumps/dev' }),
  'get /api/dumps/{id}/download': () => ({ path: '/api/dumps/dev/download' }),
  'delete /api/dumps/{id}': () => ({ path: '/api/dumps/dev' }),
  'get /api/kept': () => ({}),
  'get /api/kept/{id}': () => ({ path: '/api/kept/dev__old_k1' }),
  'delete /api/kept/{id}': () => ({ path: '/api/kept/dev__old_k1?confirm=dev' }),
  'get /api/schedules': () => ({}),
  'post /api/schedules': () => ({ body: scheduleOf(`made-${(names += 1)}`, 'dev') }),
  'get /api/schedules/{name}': async () => ({ path: `/api/schedules/${await schedule('dev')}` }),
  'post /api/schedules/{name}/pause': async () => ({
    path: `/api/schedules/${await schedule('dev')}/pause`,
    body: {},
  }),
  'post /api/schedules/{name}/resume': async () => ({
    path: `/api/schedules/${await schedule('dev')}/resume`,
    body: {},
  }),
  'post /api/schedules/{name}/skip-next': async () => ({
    path: `/api/schedules/${await schedule('dev')}/skip-next`,
    body: {},
  }),
  'post /api/schedules/{name}/run': async () => ({
    path: `/api/schedules/${await schedule('dev')}/run`,
    body: {},
  }),
  'delete /api/schedules/{name}': async () => ({ path: `/api/schedules/${await schedule('dev')}` }),
  'get /api/notices': () => ({}),
  'post /api/notices/{name}/test': () => ({ path: '/api/notices/team/test', body: {} }),
  'get /api/audit': () => ({}),
  'get /api/tokens': () => ({}),
  'post /api/tokens': () => ({ body: { name: `made-${(names += 1)}`, scope: 'read' } }),
  'delete /api/tokens/{name}': async () => {
    const name = `made-${(names += 1)}`;
    await token({ name, scope: 'read' });
    return { path: `/api/tokens/${name}` };
  },
  'get /health': () => ({}),
  'get /ready': () => ({}),
  'get /metrics': () => ({}),
  'post /api/page-link': () => ({ body: {} }),
  'post /api/session': () => ({ body: { code: service.door.newLink(adminPass('test')).code.reveal() } }),
  'get /api/openapi.json': () => ({}),
};
let names = 0;

/** Who gets in where. */
const mayCall = (who: string, access: 'open' | Scope): boolean => {
  if (access === 'open') return true;
  if (['nobody', 'revoked', 'expired'].includes(who)) return false;
  if (['admin', 'API_KEY'].includes(who)) return true;
  if (access === 'admin') return false;
  return access === 'read' || who === 'own' || who === 'all';
};

const everybody = ['nobody', 'revoked', 'expired', 'read', 'other', 'own', 'all', 'admin', 'API_KEY'];

/** What a request that is refused must not have changed. */
async function state(): Promise<object> {
  const { jobs } = await service.queue.listJobs({ limit: 1 });
  const tokens = await service.tokens.list();
  const { schedules } = (await call('admin', 'GET', '/api/schedules')).json;
  return {
    schedules,
    jobs: await service.queue.countByState(),
    newest: jobs.map(({ id }) => id),
    changed: [...changed],
    tokens: tokens.map(({ name }) => name),
  };
}

describe('a route', () => {
  it.each(routes.map((route) => [route.method, route.path, route.access] as const))(
    '%s %s lets in whoever has its scope (%s), and nobody else',
    async (method, path, access) => {
      const make = valid[`${method} ${path}`];
      if (make === undefined) throw new Error('No valid request is known for this route.');
      const send = async (who: string, sent: Sent): Promise<[string, number, string]> => {
        const { status, json } = await call(who, method.toUpperCase(), sent.path ?? path, sent.body);
        return [who, Math.floor(status / 100) === 2 ? 200 : status, status < 300 ? '' : json.code];
      };
      const [allowed, refused] = [
        everybody.filter((who) => mayCall(who, access)),
        everybody.filter((who) => !mayCall(who, access)),
      ];
      const sent = await make();
      const before = await state();
      for (const who of refused) {
        const unknown = ['nobody', 'revoked', 'expired'].includes(who);
        expect(await send(who, sent)).toEqual(
          unknown ? [who, 401, 'AUTH_KEY_MISSING'] : [who, 403, 'AUTH_FORBIDDEN'],
        );
      }
      expect(await state()).toEqual(before);
      for (const who of allowed) expect(await send(who, await make())).toEqual([who, 200, '']);
    },
  );

  it('that changes or starts something is not open to readers, nor to whoever names no environment of his', () => {
    const writing = routes.filter(({ method, access }) => method !== 'get' && access === 'read');
    expect(writing.map(({ path }) => path)).toEqual(['/api/environments/{name}/test', '/api/page-link']);
    const open = routes.filter(({ access }) => access === 'open').map(({ path }) => path);
    expect(open).toEqual(['/health', '/ready', '/api/session', '/api/openapi.json']);
  });
});

describe('a token for one environment', () => {
  /** Each is a way to what belongs to `dev`, asked by the token for `staging`. */
  it.each<[string, () => Promise<[method: string, path: string, body?: object]>]>([
    [
      'a dump of its own into another’s',
      async () => ['POST', '/api/sync/import', { dump: { id: 'staging' }, target: 'dev', confirm: 'dev' }],
    ],
    [
      'its own name as the confirmation',
      async () => ['POST', '/api/sync', { source: 'staging', target: 'dev', confirm: 'staging' }],
    ],
    [
      'an undo, confirmed by its own name',
      async () => ['POST', `/api/jobs/${await endedJob(syncTo('dev'))}/rollback`, { confirm: 'staging' }],
    ],
    [
      'an undo that passes over others',
      async () => [
        'POST',
        `/api/jobs/${await endedJob(syncTo('dev'))}/rollback`,
        { confirm: 'staging', passOver: true },
      ],
    ],
    [
      'an undo of another’s undo',
      async () => {
        const undone = await endedJob(syncTo('dev'));
        const undo = await endedJob({ kind: 'rollback', input: { jobId: undone, confirm: 'dev' } });
        return ['POST', `/api/jobs/${undo}/rollback`, { confirm: 'staging' }];
      },
    ],
    [
      'the same again',
      async () => ['POST', `/api/jobs/${await endedJob(syncTo('dev'))}/retry`, { confirm: 'staging' }],
    ],
    [
      'an export of another again',
      async () => [
        'POST',
        `/api/jobs/${await endedJob({ kind: 'export', input: { environment: 'dev' } })}/retry`,
        {},
      ],
    ],
    [
      'a rebuild of another’s search again',
      async () => [
        'POST',
        `/api/jobs/${await endedJob({ kind: 'typesense', input: { environment: 'dev' } })}/retry`,
        {},
      ],
    ],
    ['what another’s rows look like', async () => ['GET', '/api/environments/dev/mask-suggestions']],
    ['the end of another’s job', async () => ['POST', `/api/jobs/${await job(syncTo('dev'))}/cancel`]],
    [
      'the end of another’s comparison',
      async () => [
        'POST',
        `/api/jobs/${await job({ kind: 'verify', input: { left: 'production', right: 'dev' } })}/cancel`,
      ],
    ],
    ['rows of an environment that nobody writes', async () => ['GET', '/api/dumps/production/download']],
    [
      'a dump of an environment that nobody writes',
      async () => ['POST', '/api/sync/export', { environment: 'production' }],
    ],
    [
      'a schedule of another',
      async () => ['POST', '/api/schedules', scheduleOf(`made-${(names += 1)}`, 'dev')],
    ],
    ['another’s schedule now', async () => ['POST', `/api/schedules/${await schedule('dev')}/run`, {}]],
    ['a token of its own making', async () => ['POST', '/api/tokens', { name: 'more', scope: 'admin' }]],
    ['the end of another token', async () => ['DELETE', '/api/tokens/for-all']],
  ])('does not get %s', async (_what, make) => {
    const [method, path, body] = await make();
    const before = await state();
    const answer = await call('other', method, path, body);
    expect([answer.status, answer.json.code]).toEqual([403, 'AUTH_FORBIDDEN']);
    expect(answer.json.detail).not.toMatch(/mbs_/);
    expect(await state()).toEqual(before);
  });

  it('does not drop a kept state that is not what it is said to be', async () => {
    const answer = await call('other', 'DELETE', '/api/kept/dev__old_k1?confirm=staging');
    expect([answer.status, answer.json.code]).toEqual([400, 'USAGE_CONFIRM_MISMATCH']);
  });

  it('starts in its own name, and the page it opens is no more than itself', async () => {
    const { json } = await call('other', 'POST', '/api/sync', {
      source: 'production',
      target: 'staging',
      confirm: 'staging',
    });
    expect((await call('read', 'GET', `/api/jobs/${json.id}`)).json.actor).toBe('token for-staging');
    const cancelled = await call('own', 'POST', `/api/jobs/${await job(syncTo('dev'))}/cancel`);
    expect(cancelled.json.error.message).toContain('by token for-dev');
    const link = await call('other', 'POST', '/api/page-link', {});
    const session = await service.call('POST', '/api/session', { key: null, body: { code: link.json.code } });
    keys.set('page', session.json.token);
    expect((await call('page', 'GET', '/api/jobs')).status).toBe(200);
    expect((await call('page', 'POST', '/api/sync/export', { environment: 'dev' })).status).toBe(403);
    expect((await call('page', 'GET', '/api/tokens')).status).toBe(403);
  });
});

describe('what is open', () => {
  it.each(['revoked', 'expired'])('ends within seconds when its token is %s', async (how) => {
    const name = `short-${how}`;
    const key = await token({ name, scope: 'read', expiresAt: Date.now() + ahead + 3_600_000 });
    const id = await job(syncTo('dev'));
    const stream = await openEventStream(`${service.url}/api/jobs/${id}/stream`, {
      Authorization: `Bearer ${key}`,
    });
    expect((await stream.next())?.name).toBe('job');
    const socket = service.socket({ token: key });
    await heard(socket, 'connect');
    const [kept, closed] = [service.socket(), heard(socket, 'disconnect')];
    await heard(kept, 'connect');
    if (how === 'revoked') await service.tokens.revoke(name);
    else ahead += 3_600_000;
    await expect(stream.until('end')).rejects.toThrow();
    await closed;
    expect(kept.connected).toBe(true);
    const again = service.socket({ token: key });
    const [refused] = (await heard(again, 'connect_error')) as [Error];
    expect(refused.message).toBe('AUTH_KEY_MISSING');
  });

  it.each(['read', 'own', 'admin'])('may be a socket of %s', async (who) => {
    const socket = service.socket({ token: keys.get(who) });
    await heard(socket, 'connect');
    const id = await job(syncTo('dev'));
    expect(await socket.emitWithAck('job:subscribe', { id })).toEqual({ ok: true });
    socket.disconnect();
  });
});

describe('the audit', () => {
  const newestEntry = async () => (await call('admin', 'GET', '/api/audit?limit=1')).json.entries[0];

  it('has what was done and what was refused, by whom, and no secret', async () => {
    const sync = { source: 'production', target: 'staging', confirm: 'staging' };
    const { json } = await call('other', 'POST', '/api/sync', sync);
    expect(await newestEntry()).toEqual({
      at: expect.any(Number),
      actor: 'token for-staging',
      action: 'POST /api/sync',
      about: { ...sync, started: json.id },
      reason: null,
      outcome: 'done',
      address: expect.stringMatching(/127\.0\.0\.1$/),
    });
    await call('other', 'GET', '/api/dumps/production/download');
    expect(await newestEntry()).toMatchObject({ about: { id: 'production' }, outcome: 'AUTH_FORBIDDEN' });
    await call('read', 'DELETE', '/api/dumps/dev');
    expect(await newestEntry()).toMatchObject({ actor: 'token reader', outcome: 'AUTH_FORBIDDEN' });
    const made = await call('admin', 'POST', '/api/tokens', { name: 'audited', scope: 'read' });
    expect(await newestEntry()).toMatchObject({
      actor: 'token boss',
      about: { name: 'audited', scope: 'read' },
    });
    await call('own', 'POST', `/api/jobs/${json.id}/cancel`);
    expect(await newestEntry()).toMatchObject({ about: { id: json.id }, outcome: 'AUTH_FORBIDDEN' });
    const before = await newestEntry();
    await call('read', 'GET', '/api/jobs');
    await call('nobody', 'POST', '/api/sync', sync);
    expect(await newestEntry()).toEqual(before);
    // What was refused is told by names, however much was sent.
    const long = 'x'.repeat(1_000);
    const many = Array.from({ length: 50 }, () => long);
    await call('read', 'POST', '/api/sync?id=' + long, { source: long, mode: many, reason: long });
    const refused = await newestEntry();
    expect(refused).toMatchObject({ actor: 'token reader', reason: null, outcome: 'AUTH_FORBIDDEN' });
    expect(JSON.stringify(refused).length).toBeLessThan(2_100);
    const all = (await call('admin', 'GET', '/api/audit?limit=1000')).text;
    expect(all).not.toMatch(/mbs_/);
    expect(all).not.toContain(made.json.secret);
    expect(all).not.toContain(planted.apiKey);
  });
});

import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { io } from 'socket.io-client';
import { expect } from 'vitest';
import type { Socket } from 'socket.io-client';
import { AuditLog } from '../../src/access/audit-log.ts';
import { TokenStore } from '../../src/access/tokens.ts';
import type { Manifest } from '../../src/dump/manifest.ts';
import type { DumpSummary } from '../../src/dump/store.ts';
import { parseDatabaseUrl } from '../../src/environments/database-url.ts';
import type { Environment, Protection } from '../../src/environments/environment.ts';
import { SyncError } from '../../src/errors/sync-error.ts';
import { admitJob } from '../../src/http/admit-job.ts';
import { createDoor } from '../../src/http/door.ts';
import type { Door } from '../../src/http/door.ts';
import { startHttp } from '../../src/http/http-service.ts';
import type { HttpDeps } from '../../src/http/ports.ts';
import { createLogger } from '../../src/http/request-log.ts';
import type { RunQueuedJob } from '../../src/jobs/active-run.ts';
import { openJobEvents } from '../../src/jobs/job-events.ts';
import { createJobQueue } from '../../src/jobs/job-queue.ts';
import type { JobQueue } from '../../src/jobs/job-queue.ts';
import { openQueueBackend } from '../../src/jobs/queue-connection.ts';
import { queueTiming } from '../../src/jobs/queue-settings.ts';
import { startWorker } from '../../src/jobs/worker.ts';
import { Releasers } from '../../src/lib/releasers.ts';
import { Secret } from '../../src/lib/secret.ts';
import type { Channel } from '../../src/notices/channel.ts';
import { createNotices } from '../../src/notices/notices.ts';
import { scheduleLocks } from '../../src/schedules/locks.ts';
import { createSchedules } from '../../src/schedules/schedules.ts';
import type { Plan } from '../../src/sync/contract/plan.ts';
import type { KeptState } from '../../src/sync/verbs/kept-states.ts';
import { testDatabase } from '../support/postgres.ts';
import { scratchDirectory } from '../support/scratch.ts';

/** Planted wherever a secret can be; no answer and no log line may hold one. */
export const planted = {
  apiKey: 'planted-api-key-5f1d',
  database: 'planted-db-password-77aa',
  search: 'planted-search-key-90bc',
  foreign: 'planted-in-a-driver-message-13d4',
} as const;

const environment = (name: string, protection: Protection): Environment => ({
  name,
  protection,
  schema: 'public',
  database: parseDatabaseUrl(
    'TEST_DATABASE_URL',
    `postgresql://someone:${planted.database}@db.example.org:5432/${name}`,
  ),
  search: { nodes: ['http://search.example.org:8108'], apiKey: new Secret(planted.search) },
});

const environments = new Map(
  [
    environment('production', 'source-only'),
    environment('staging', 'protected'),
    environment('dev', 'open'),
  ].map((one) => [one.name, one]),
);

const keptOne: KeptState = {
  id: 'dev__old_k1',
  kind: 'database',
  environment: 'dev',
  jobId: 'k1',
  bytes: 10_000_000,
  keptAt: 1_790_000_000_000,
  until: 1_790_086_400_000,
  inUse: null,
};

function keptPort(): HttpDeps['kept'] {
  const get = (id: string): KeptState => {
    if (id !== keptOne.id) throw new SyncError('USAGE_NOT_FOUND', `Nothing is kept under the name "${id}".`);
    return keptOne;
  };
  return {
    list: async () => ({ kept: [keptOne], notAsked: [], unreadable: [] }),
    get: async (id) => ({ state: get(id), job: null, outlook: null }),
    drop: async ({ id, confirm }) => {
      if (confirm !== 'dev')
        throw new SyncError('USAGE_CONFIRM_MISMATCH', 'The confirmation does not name it.');
      return get(id);
    },
  };
}

/** Waits until an assertion holds; patient, as the machine may be busy. */
export function expectSoon<T>(read: () => T): ReturnType<typeof expect.poll<T>> {
  return expect.poll(read, { timeout: 15_000, interval: 25 });
}

export interface TestService {
  readonly url: string;
  readonly port: number;
  /** Everything the service has logged. */
  readonly logText: () => string;
  /** Answers of every `call` so far, head and body. */
  readonly answerText: () => string;
  readonly call: (method: string, path: string, options?: CallOptions) => Promise<Answer>;
  readonly socket: (auth?: object) => Socket;
  readonly stopping: (value: boolean) => void;
  readonly tokens: TokenStore;
  readonly queue: JobQueue;
  readonly door: Door;
  /** Listeners to job events, for leak checks. */
  readonly subscriptions: () => number;
  readonly stop: () => Promise<void>;
}

/** The arguments of the socket's next such event. */
export function heard(socket: Socket, event: string): Promise<unknown[]> {
  return new Promise((resolve) => {
    socket.once(event, (...args: unknown[]) => {
      resolve(args);
    });
  });
}

export interface CallOptions {
  readonly body?: unknown;
  /** Sent as it is. */
  readonly rawBody?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The right key unless said; null sends none. */
  readonly key?: string | null;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // Tests look into many shapes; each assertion says which it expects.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly json: any;
}

export interface ServiceOptions {
  /** As a service without API_KEY, which has made its key itself. */
  readonly localOnly?: boolean;
  readonly host?: string;
  readonly requestsPerMinute?: number;
  readonly run?: RunQueuedJob;
  readonly channels?: readonly Channel[];
  /** The clock of tokens. */
  readonly now?: () => number;
  readonly deps?: Partial<HttpDeps>;
}

export const dumpBytes = Buffer.from('SELECT 1;\n'.repeat(100_000));

export const dumpSummary: DumpSummary = {
  id: 'dump-1',
  purpose: 'export',
  environment: 'production',
  createdAt: '2026-11-22T10:00:00.000Z',
  jobId: null,
  tables: 1,
  rows: 3,
  bytes: dumpBytes.length,
  compression: 'none',
  serverVersion: '18.1',
  sha256: 'ab'.repeat(32),
};

/** One dump, as the store shows it; the store itself has its own tests. */
function dumpsPort(): HttpDeps['dumps'] {
  const known = (id: string): void => {
    if (id !== dumpSummary.id) throw new SyncError('STORAGE_DUMP_UNKNOWN', `There is no dump "${id}".`);
  };
  const manifest = { source: {}, snapshot: {}, objects: [], tables: [] } as unknown as Manifest;
  return {
    list: async () => [dumpSummary],
    get: async (id) => {
      known(id);
      return { summary: dumpSummary, manifest };
    },
    open: async (id) => {
      known(id);
      return { summary: dumpSummary, fileName: 'dump-1.sql', stream: Readable.from([dumpBytes]) };
    },
    remove: async (id) => {
      known(id);
      throw new SyncError('STORAGE_DUMP_BUSY', `The dump "${id}" is being read.`);
    },
  };
}

/** A plan as the planner shows it; the planner has its own tests. */
export function planOf(source: string, target: string): Plan {
  return {
    type: 'plan',
    source,
    target,
    mode: 'replace',
    modeReason: 'The role may create databases.',
    backup: 'file',
    safety: 'a dump of the target, and its kept database',
    protected: environments.get(target)?.protection === 'protected',
    schemas: null,
    tables: [
      {
        table: 'public.Part',
        action: 'copy',
        sourceRows: 50_000,
        targetRows: 49_000,
        bytes: 14_000_000,
        rows: null,
      },
      {
        table: 'public.Profile',
        action: 'keep',
        sourceRows: 10,
        targetRows: 12_345,
        bytes: 4_000,
        rows: null,
      },
      {
        table: 'public.Result',
        action: 'empty',
        sourceRows: 900,
        targetRows: 800,
        bytes: 90_000,
        rows: null,
      },
    ],
    largeObjects: { action: 'copy', sourceObjects: 12, targetObjects: 3, bytes: 1_000_000 },
    differences: [{ kind: 'table', name: 'public.Option', difference: 'appears' }],
    collections: [{ name: 'parts', documentsEstimated: 50_000 }],
    connections: { source: 6, target: 8 },
    sessions: [{ pid: 4121, role: 'app', application: 'next' }],
    targetBytesNeeded: 21_000_000,
    dumpBytesNeeded: 28_000_000,
    masking: null,
    leftOut: [],
    warnings: ['The migrations of both sides differ.'],
    blockers: [],
  };
}

/** The service on a free port, over a real queue on PostgreSQL; jobs do what `run` says. */
export async function startTestService(options: ServiceOptions = {}): Promise<TestService> {
  const releasers = new Releasers();
  const database = await testDatabase('http');
  const { log, logger } = capture();
  const backend = await openQueueBackend({ redisUrl: null, queueDatabaseUrl: new Secret(database.url) });
  releasers.defer(() => backend.close());
  const clock = { now: Date.now, random: Math.random };
  const queue = createJobQueue({ backend, ...clock });
  const timing = { ...queueTiming, cancelPollMs: 100, pollMs: 200 };
  const events = openJobEvents({ backend, queue, log: logger, now: Date.now, timing });
  releasers.defer(() => events.close());
  const data = await scratchDirectory('http-data');
  let listening = 0;
  let stopping = false;
  const dataDirectory = await scratchDirectory('http');
  const tokens = new TokenStore({
    dataDirectory,
    now: options.now ?? Date.now,
    onTrouble: (error) => {
      throw error;
    },
  });
  const door = createDoor({
    keys: [{ key: new Secret(planted.apiKey), actor: 'API_KEY' }],
    tokens,
    localOnly: options.localOnly ?? false,
    now: Date.now,
  });
  const deps: HttpDeps = {
    access: { door, tokens, audit: new AuditLog({ dataDirectory, now: Date.now }) },
    config: {
      environments,
      http: {
        host: options.host ?? '127.0.0.1',
        port: 0,
        requestsPerMinute: options.requestsPerMinute ?? 10_000,
      },
    },
    service: {
      version: '0.0.0-test',
      queueReady: () => backend.ready(),
      isStopping: () => stopping,
    },
    jobs: queue,
    events: {
      subscribe: (id, listener) => {
        listening += 1;
        const end = events.subscribe(id, listener);
        return () => {
          listening -= 1;
          end();
        };
      },
    },
    dumps: dumpsPort(),
    kept: keptPort(),
    plan: async ({ source, target }) => planOf(source, target),
    rehearsals: async () => [],
    undo: { outlooks: async () => new Map(), outlook: async () => null },
    testEnvironment: async (name) => ({
      environment: name,
      ok: true,
      database: {
        ok: true,
        name,
        serverVersionNum: 180_001,
        serverVersion: '18.1',
        bytes: 128_000_000,
        superuser: false,
        createsDatabases: true,
        owns: true,
        durationMs: 42,
      },
      search: {
        ok: true,
        nodes: [{ url: 'http://search.example.org:8108', version: '30.1', leader: true }],
        missingActions: [],
        missingNiceties: [],
        sharedWith: [],
      },
    }),
    notices: createNotices(
      { notices: { channels: options.channels ?? [], stallMinutes: 15, publicUrl: null } },
      Date.now,
    ),
    suggestMasks: async (name) => ({ environment: name, suggestions: [], ruled: 0, notes: [] }),
    schedules: createSchedules({
      config: { directories: { data, dumps: data, backups: data }, schedules: [] },
      locked: scheduleLocks(backend.claims, randomUUID()),
      admit: (request) => admitJob({ config: { environments }, dumps: dumpsPort() }, request),
      start: (request, asked) => queue.addJob(request, asked),
      log: logger,
      now: Date.now,
    }),
    ...options.deps,
  };
  if (options.run !== undefined) {
    const worker = await startWorker({
      backend,
      run: options.run,
      jobs: { maxConcurrent: 2, timeoutMinutes: 5 },
      log: logger,
      now: Date.now,
      name: randomUUID(),
      timing,
    });
    releasers.defer(() => worker.stop({ force: true }));
  }
  const http = await startHttp(deps, logger).catch(async (error: unknown) => {
    await releasers.release();
    throw error;
  });
  releasers.defer(() => http.stop());
  const sockets: Socket[] = [];
  releasers.defer(() => {
    for (const socket of sockets) socket.disconnect();
  });
  const answers: string[] = [];
  return {
    url: http.url,
    port: http.port,
    logText: () => log.join(''),
    answerText: () => answers.join('\n'),
    subscriptions: () => listening,
    tokens,
    queue,
    door,
    stopping: (value) => {
      stopping = value;
    },
    socket: (auth = { token: planted.apiKey }) => {
      const socket = io(http.url, { auth, reconnection: false, forceNew: true });
      sockets.push(socket);
      return socket;
    },
    call: async (method, path, { body, rawBody, headers = {}, key = planted.apiKey } = {}) => {
      const response = await fetch(`${http.url}${path}`, {
        method,
        headers: {
          ...(key === null ? {} : { Authorization: `Bearer ${key}` }),
          ...(body === undefined && rawBody === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(rawBody === undefined ? {} : { body: rawBody }),
      });
      const text = await response.text();
      answers.push(JSON.stringify([...response.headers]), text);
      const isJson = /json/.test(response.headers.get('content-type') ?? '');
      const json: unknown = isJson ? JSON.parse(text) : null;
      return { status: response.status, headers: response.headers, text, json };
    },
    stop: () => releasers.release(),
  };
}

function capture() {
  const log: string[] = [];
  const logger = createLogger('debug', {
    write: (line: string) => {
      log.push(line);
    },
  });
  return { log, logger };
}

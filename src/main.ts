import { randomBytes, randomInt } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Config } from './config/config.ts';
import { privateDirectory } from './dump/files.ts';
import { startPostgres } from './embedded/start-postgres.ts';
import { SyncError } from './errors/sync-error.ts';
import { AuditLog } from './access/audit-log.ts';
import { TokenStore } from './access/tokens.ts';
import { adminPass, createDoor } from './http/door.ts';
import { startHttp } from './http/http-service.ts';
import type { AccessPort } from './http/ports.ts';
import { loggableError } from './http/problem.ts';
import { createLogger } from './http/request-log.ts';
import { refuseOpenDoor } from './http/same-machine.ts';
import { AskedJobs } from './jobs/asked-jobs.ts';
import { openJobEvents } from './jobs/job-events.ts';
import { createJobQueue } from './jobs/job-queue.ts';
import type { QueueBackend } from './jobs/queue-backend.ts';
import { openQueueBackend } from './jobs/queue-connection.ts';
import { dumpsOfJobs } from './jobs/waiting-dumps.ts';
import { startWorker } from './jobs/worker.ts';
import type { WorkerDeps } from './jobs/worker.ts';
import { version } from './lib/version.ts';
import { Secret } from './lib/secret.ts';
import { sharedCall } from './lib/shared-call.ts';
import { ownKey, ownKeyPath } from './local-access/own-key.ts';
import { nameService, newServiceToken } from './local-access/service-file.ts';
import { startNoticing } from './noticing.ts';
import { createNotices } from './notices/notices.ts';
import { ProcessLife } from './process-life.ts';
import { scheduling } from './scheduling.ts';
import { readJobRecord } from './sync/journal/records.ts';
import { runJob } from './sync/verbs/run-job.ts';
import { startSweeping } from './sweeping.ts';
import { verbPorts } from './verb-ports.ts';
import { onSignals } from './stop-signals.ts';
import { recoverReaders } from './sync/recover/recover-readers.ts';

export interface ServiceOptions {
  /** pino on stdout, at the configuration's level, when not said. */
  readonly logger?: Logger | undefined;
  /** Stop on SIGINT and SIGTERM: the first drains, the second forces. True unless said. */
  readonly signals?: boolean | undefined;
}

export interface RunningProcess {
  /**
   * Takes no new jobs, lets the running ones end (after a while they are cancelled cleanly), then closes everything.
   * With `force`, also during an ordinary stop: leaves the jobs as they are, for the next worker.
   */
  stop(options?: { readonly force?: boolean }): Promise<void>;
  /** Resolves when everything is closed; rejects with the error that ended the process's work. */
  readonly stopped: Promise<void>;
}

export interface RunningService extends RunningProcess {
  /** Where the page and the API are. */
  readonly url: string;
  /** A new address that opens the page, once, within 10 minutes. It is as good as the key until then. */
  readonly pageLink: () => string;
  /** The file of the key that the service has made for itself; null where API_KEY is set. */
  readonly keyFile: string | null;
}

/**
 * The whole service in this process: queue (with its own PostgreSQL where none is configured), HTTP interface with
 * page, event streams and socket.io, and a worker.
 * Throws CONFIG_INVALID, QUEUE_UNAVAILABLE, EMBEDDED_*, STORAGE_UNUSABLE; nothing stays open then.
 */
export async function startService(config: Config, options: ServiceOptions = {}): Promise<RunningService> {
  const logger = options.logger ?? createLogger(config.logLevel);
  const { apiKey } = config.http;
  refuseOpenDoor(config.http.host, apiKey);
  const keyFile = apiKey === null ? ownKeyPath(config.directories.data) : null;
  let url = '';
  let pageLink = (): string => url;
  const running = await startProcess(config, { ...options, logger }, async (backend, life) => {
    const asked = new AskedJobs({
      config,
      backend,
      queue: isEmbedded(config) ? 'embedded' : backend.where,
      log: logger,
      now: Date.now,
    });
    await asked.begin();
    life.releasers.defer(() => asked.close());
    const jobs = createJobQueue({
      backend,
      asked,
      now: Date.now,
      random: () => randomInt(2 ** 32) / 2 ** 32,
      record: async (id) => {
        try {
          return await readJobRecord(config, id);
        } catch (error) {
          logger.warn(
            { job: id, ...loggableError(error) },
            'The record of a job cannot be read; its receipt is shown cut',
          );
          return null;
        }
      },
    });
    const events = openJobEvents({ backend, queue: jobs, log: logger, now: Date.now });
    life.releasers.defer(() => events.close());
    const verbs = { config, now: Date.now };
    const ports = verbPorts(verbs, jobs, logger);
    const { schedules, begin } = scheduling({
      config,
      backend,
      jobs,
      logger,
      dumps: ports.dumps,
      isStopping: () => life.isStopping,
    });
    const token = newServiceToken();
    const access = await openDoor(config, token, logger);
    const http = await startHttp(
      {
        config,
        access,
        service: {
          version,
          queueReady: sharedCall(async () => {
            if (!life.isStarted) throw new SyncError('QUEUE_UNAVAILABLE', 'The worker is still starting.');
            await backend.ready();
          }),
          isStopping: () => life.isStopping,
        },
        jobs,
        events,
        schedules,
        notices: createNotices(config, Date.now),
        ...ports,
      },
      logger,
    );
    life.releasers.defer(() => http.stop());
    life.releasers.defer(startSweeping(config, logger));
    life.releasers.defer(startNoticing({ config, backend, jobs, events, schedules, logger }));
    life.releasers.defer(begin());
    url = http.url;
    pageLink = () => `${url}/#open=${access.door.newLink(adminPass('the terminal of serve')).code.reveal()}`;
    life.releasers.defer(await nameService(config.directories.data, { url, token }));
    logger.info({ url, version, key: keyFile ?? 'API_KEY' }, 'Listening');
  });
  return { ...running, url, pageLink, keyFile };
}

/**
 * Who is let in: holders of the key, of this process's own `token`, of a named token. Throws CONFIG_INVALID,
 * STORAGE_*.
 */
async function openDoor(
  { http: { apiKey }, directories }: Config,
  token: Secret,
  logger: Logger,
): Promise<AccessPort> {
  const tokens = new TokenStore({
    dataDirectory: directories.data,
    now: Date.now,
    onTrouble: (error) => {
      logger.warn(loggableError(error), 'The use of a token could not be written down');
    },
  });
  const key =
    apiKey === null
      ? { key: await ownKey(directories.data), actor: 'the service’s own key' }
      : { key: apiKey, actor: 'API_KEY' };
  const door = createDoor({
    keys: [key, { key: token, actor: 'the command line' }],
    tokens,
    localOnly: apiKey === null,
    now: Date.now,
  });
  return { door, tokens, audit: new AuditLog({ dataDirectory: directories.data, now: Date.now }) };
}

/** A worker without HTTP interface, for more machines (or processes) on one queue. Throws as `startService` does. */
export async function startWorkerProcess(
  config: Config,
  options: ServiceOptions = {},
): Promise<RunningProcess> {
  const logger = options.logger ?? createLogger(config.logLevel);
  if (isEmbedded(config)) {
    throw new SyncError(
      'CONFIG_INVALID',
      'A separate worker needs the queue of a service; neither REDIS_URL nor QUEUE_DATABASE_URL is set.',
    );
  }
  return startProcess(config, { ...options, logger }, async () => {});
}

/**
 * Opens the queue, then what `open` adds, then the worker: closed in the opposite order, so that whoever watches a job
 * sees it to its end while the worker drains. A signal during the start ends it too: the process is then a stopped one.
 */
async function startProcess(
  config: Config,
  { logger, signals }: ServiceOptions & { readonly logger: Logger },
  open: (backend: QueueBackend, life: ProcessLife) => Promise<void>,
): Promise<RunningProcess> {
  const life = new ProcessLife(logger);
  const stop = (): Promise<void> => life.stop();
  const force = (): Promise<void> => life.force();
  if (signals ?? true) onSignals(logger, stop, force);
  try {
    await privateDirectory(config.directories.data);
    const backend = await openQueue(config, logger, life);
    life.starting.throwIfAborted();
    for (const sentence of await recoverReaders({ config, now: Date.now }, '')) logger.warn(sentence);
    await open(backend, life);
    life.starting.throwIfAborted();
    life.begin(await startWorker(workerDeps(config, logger, backend)));
  } catch (error) {
    await life.close().catch((closingError: unknown) => {
      logger.error(loggableError(closingError), 'Closing failed after the start had failed');
    });
    if (!life.wasStoppedEarly) throw error;
  }
  return { stop: (options = {}) => (options.force === true ? force() : stop()), stopped: life.stopped };
}

function workerDeps(config: Config, logger: Logger, backend: QueueBackend): WorkerDeps {
  const jobs = createJobQueue({ backend, now: Date.now, random: Math.random });
  const deps = { config, now: Date.now, dumpsOfJobs: () => dumpsOfJobs(config, jobs) };
  return {
    backend,
    run: async (request, running) => {
      try {
        return await runJob(deps, request, running);
      } catch (error) {
        // The queue keeps what people are told; where in the code it came from stands only here.
        const failure = loggableError(error);
        if (failure['category'] !== 'cancelled')
          logger.error({ job: running.jobId, ...failure }, 'Job failed');
        throw error;
      }
    },
    jobs: config.jobs,
    log: logger,
    now: Date.now,
    name: `${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`,
    heldLocksDirectory: join(config.directories.data, 'held-locks'),
  };
}

const isEmbedded = ({ jobs }: Config): boolean => jobs.redisUrl === null && jobs.queueDatabaseUrl === null;

/** The configured queue, or one on a PostgreSQL of our own below the data directory. */
async function openQueue(config: Config, logger: Logger, life: ProcessLife): Promise<QueueBackend> {
  let { queueDatabaseUrl } = config.jobs;
  if (isEmbedded(config)) {
    const directory = join(config.directories.data, 'queue');
    const server = await startPostgres({ directory, signal: life.starting });
    life.releasers.defer(() => server.stop());
    void server.exited.then(() => {
      life.fail(
        new SyncError('QUEUE_UNAVAILABLE', 'The embedded PostgreSQL of the queue has ended by itself.'),
        'Stopping: the queue’s server has ended',
      );
    });
    queueDatabaseUrl = new Secret(server.url());
  }
  const backend = await openQueueBackend(
    { redisUrl: config.jobs.redisUrl, queueDatabaseUrl },
    { connectTimeoutSeconds: config.connectTimeoutSeconds },
  );
  for (const warning of backend.warnings) logger.warn({ queue: backend.where }, warning);
  life.releasers.defer(() => backend.close());
  return backend;
}

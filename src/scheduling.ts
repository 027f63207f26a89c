import { createHash, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import type { Config } from './config/config.ts';
import { admitJob } from './http/admit-job.ts';
import type { AdmitDeps } from './http/admit-job.ts';
import type { JobQueue } from './jobs/job-queue.ts';
import type { QueueBackend } from './jobs/queue-backend.ts';
import { scheduleLocks } from './schedules/locks.ts';
import { startScheduler } from './schedules/scheduler.ts';
import { createSchedules } from './schedules/schedules.ts';
import type { Schedules } from './schedules/schedules.ts';

export interface SchedulingDeps {
  readonly config: Config;
  readonly backend: Pick<QueueBackend, 'claims'>;
  readonly jobs: JobQueue;
  readonly dumps: AdmitDeps['dumps'];
  readonly logger: Logger;
  /** From then on nothing new is started: the worker drains. */
  readonly isStopping: () => boolean;
}

/** The schedules of a service, and what starts them (once it is begun). */
export function scheduling(deps: SchedulingDeps): {
  readonly schedules: Schedules;
  readonly begin: () => () => Promise<void>;
} {
  const { config, backend, jobs, dumps, logger, isStopping } = deps;
  const now = Date.now;
  const locked = scheduleLocks(backend.claims, randomUUID());
  const admit: Parameters<typeof createSchedules>[0]['admit'] = (request) =>
    admitJob({ config, dumps }, request);
  const schedules = createSchedules({
    config,
    locked,
    admit,
    start: async (request, options) => {
      await admit(request);
      return jobs.addJob(request, options);
    },
    log: logger,
    now,
  });
  return {
    schedules,
    begin: () =>
      startScheduler({
        config,
        claims: backend.claims,
        jobs,
        start: async (request, options) => {
          await admit(request);
          return jobs.addJob(request, options);
        },
        schedules: () => schedules.definitions(),
        locked,
        isStopping,
        holder: createHash('sha256').update(`${hostname()} ${config.directories.data}`).digest('hex'),
        log: logger,
        now,
      }),
  };
}

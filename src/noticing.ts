import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Config } from './config/config.ts';
import type { JobEvents } from './jobs/job-events.ts';
import type { JobQueue } from './jobs/job-queue.ts';
import type { QueueBackend } from './jobs/queue-backend.ts';
import { earlierJobs } from './notices/earlier.ts';
import { startNotifier } from './notices/notifier.ts';
import { send } from './notices/send.ts';
import type { Schedules } from './schedules/schedules.ts';

export interface NoticingDeps {
  readonly config: Config;
  readonly backend: Pick<QueueBackend, 'claims'>;
  readonly jobs: JobQueue;
  readonly events: JobEvents;
  readonly schedules: Schedules;
  readonly logger: Logger;
}

/** Tells people by the configured channels. Returns what ends it; without a channel nothing is looked at. */
export function startNoticing(deps: NoticingDeps): () => Promise<void> {
  const { config, backend, jobs, events, schedules, logger } = deps;
  const { channels, publicUrl, stallMinutes } = config.notices;
  if (channels.length === 0) return async () => {};
  const notifier = startNotifier({
    channels,
    claims: backend.claims,
    jobs,
    events,
    schedules,
    earlier: (job) => earlierJobs({ jobs, config }, job),
    send: (channel, notice) => send(channel, notice, { now: Date.now() }),
    publicUrl,
    stallMinutes,
    process: randomUUID(),
    log: logger,
    now: Date.now,
  });
  return () => notifier.close();
}

import type { Config } from '../config/config.ts';
import { parseDatabaseUrl } from '../environments/database-url.ts';
import { SyncError } from '../errors/sync-error.ts';
import { openPostgresQueue } from './queue-postgres.ts';
import { openRedisQueue } from './queue-redis.ts';
import type { QueueBackend } from './queue-backend.ts';

export interface OpenQueueOptions {
  /** Name space of this queue: Redis key prefix or PostgreSQL schema. Services with the same one share the load. */
  readonly name?: string | undefined;
  /** Seconds that reaching the server may take, where QUEUE_DATABASE_URL does not say it itself. */
  readonly connectTimeoutSeconds?: number | undefined;
}

/**
 * Opens the queue where the configuration says: Redis when REDIS_URL is set, else PostgreSQL on QUEUE_DATABASE_URL
 * (for an embedded server the caller starts it and puts its address there). Throws CONFIG_INVALID when neither is
 * set, QUEUE_UNAVAILABLE when the server cannot be reached; no message holds a secret.
 */
export async function openQueueBackend(
  jobs: Pick<Config['jobs'], 'redisUrl' | 'queueDatabaseUrl'>,
  options: OpenQueueOptions = {},
): Promise<QueueBackend> {
  if (jobs.redisUrl !== null) return openRedisQueue(jobs.redisUrl, options);
  if (jobs.queueDatabaseUrl !== null) {
    const url = parseDatabaseUrl('QUEUE_DATABASE_URL', jobs.queueDatabaseUrl.reveal(), options);
    return openPostgresQueue(url, options.name);
  }
  throw new SyncError('CONFIG_INVALID', 'The queue needs REDIS_URL or QUEUE_DATABASE_URL.');
}

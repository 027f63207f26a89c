import { createRedisBackend } from 'bullmq';
import { Redis } from 'ioredis';
import { SyncError } from '../errors/sync-error.ts';
import { inTime } from '../lib/in-time.ts';
import { connectTimeoutSecondsDefault } from '../lib/network/open-socket.ts';
import type { Secret } from '../lib/secret.ts';
import { redisClaims } from './claims/claims-redis.ts';
import { bindBackend } from './queue-backend.ts';
import type { QueueBackend } from './queue-backend.ts';
import { queueFact } from './queue-error.ts';
import { namespace } from './queue-settings.ts';
import { RedisConnector } from './redis-connector.ts';

/** The oldest Redis we test against (docs/facts/bullmq.md#redis). */
const oldestVersion = [6, 2] as const;

/** After it was reached. */
const silenceMs = 1_000;

interface Reach {
  readonly Connector: typeof RedisConnector;
  /** For all addresses of the host together, milliseconds. */
  readonly connectTimeout: number;
}

const reachWithin = (seconds: number): Reach => ({
  Connector: RedisConnector,
  connectTimeout: seconds * 1000,
});

/** Reconnects soon: 0.2 s, 0.4 s … 2 s. */
const retryStrategy = (times: number): number => Math.min(times * 200, 2_000);

/**
 * The queue on Redis. Commands of the API fail at once while the connection is down; a worker's commands wait until it
 * is back (`maxRetriesPerRequest: null`, which BullMQ sets on blocking connections itself). Throws CONFIG_INVALID for
 * a bad address or an old server, QUEUE_UNAVAILABLE when it cannot be reached.
 */
export async function openRedisQueue(
  address: Secret,
  {
    name = namespace.redis,
    connectTimeoutSeconds = connectTimeoutSecondsDefault,
  }: { readonly name?: string | undefined; readonly connectTimeoutSeconds?: number | undefined },
): Promise<QueueBackend> {
  const url = address.reveal();
  const { where, policy } = await probeRedis(address, { connectTimeoutSeconds });
  const reach = reachWithin(connectTimeoutSeconds);
  const mayEvict = policy !== 'noeviction';
  const shared = {
    url,
    ...reach,
    retryStrategy,
    // BullMQ looks at the policy together with the version, and prints its advice to the console: ours goes to the log.
    skipVersionCheck: mayEvict,
  };
  return bindBackend(createRedisBackend, {
    kind: 'redis',
    where,
    prefix: name,
    claims: redisClaims,
    warnings: mayEvict
      ? [
          `Redis may throw jobs away when it is full: its maxmemory-policy is ${policy}, and has to be noeviction.`,
        ]
      : [],
    connections: {
      calls: { ...shared, enableOfflineQueue: false, maxRetriesPerRequest: 1 },
      worker: { ...shared, maxRetriesPerRequest: null },
      events: { ...shared, maxRetriesPerRequest: null },
    },
  });
}

function describe(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new SyncError('CONFIG_INVALID', 'REDIS_URL is not an address (redis://host:6379).');
  }
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') {
    throw new SyncError('CONFIG_INVALID', 'REDIS_URL must start with redis:// or rediss://.');
  }
  return `Redis at ${url.hostname}:${url.port === '' ? '6379' : url.port}`;
}

/**
 * One connection, tried once: BullMQ itself would try for ever and say nothing. Tells where that is, without secrets,
 * and what a full Redis does there. Throws as `openRedisQueue` does.
 */
export async function probeRedis(
  address: Secret,
  {
    connectTimeoutSeconds = connectTimeoutSecondsDefault,
  }: { readonly connectTimeoutSeconds?: number | undefined } = {},
): Promise<{ readonly where: string; readonly policy: string }> {
  const url = address.reveal();
  const where = describe(url);
  const reach = reachWithin(connectTimeoutSeconds);
  const client = new Redis(url, {
    lazyConnect: true,
    ...reach,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let reason: unknown;
  client.on('error', (error: unknown) => {
    reason = error;
  });
  // A server that takes the connection and then says nothing.
  const silent = Object.assign(new Error('No answer.'), { code: 'ETIMEDOUT' });
  try {
    const answer = client.connect().then(() => client.info());
    const info = await inTime(answer, reach.connectTimeout + silenceMs, () => {
      reason = silent;
      throw silent;
    });
    const version = /^redis_version:(\d+)\.(\d+)/m.exec(info);
    const [major, minor] = [Number(version?.[1] ?? 0), Number(version?.[2] ?? 0)];
    if (major < oldestVersion[0] || (major === oldestVersion[0] && minor < oldestVersion[1])) {
      throw new SyncError('CONFIG_INVALID', `${where} is version ${major}.${minor}; 6.2 or newer is needed.`);
    }
    return { where, policy: /^maxmemory_policy:(\S+)/m.exec(info)?.[1] ?? 'noeviction' };
  } catch (error) {
    if (error instanceof SyncError) throw error;
    throw new SyncError('QUEUE_UNAVAILABLE', `Cannot connect to ${where}: ${queueFact(reason ?? error)}.`, {
      cause: error,
    });
  } finally {
    client.disconnect();
  }
}

import { createPostgresBackend, PostgresConnection, runMigrations } from 'bullmq';
import type { PostgresPoolConfig } from 'bullmq';
import type { DatabaseUrl } from '../environments/database-url.ts';
import { SyncError } from '../errors/sync-error.ts';
import { insistingStream } from '../postgres/channel-binding.ts';
import { reachingStream } from '../postgres/reach.ts';
import { sqlState } from '../postgres/sqlstate.ts';
import { tlsAttempts } from '../postgres/tls.ts';
import { claimsTableSql, postgresClaims } from './claims/claims-postgres.ts';
import { bindBackend } from './queue-backend.ts';
import type { QueueBackend } from './queue-backend.ts';
import { queueFact } from './queue-error.ts';
import { namespace } from './queue-settings.ts';

/** Short statements only; LISTEN has a connection of its own beside the pool (BullMQ's PostgresConnection). */
const callConnections = 3;
const workerConnections = 3;
const eventConnections = 1;
const idleTimeoutMs = 30_000;

/**
 * The queue in a schema of its own in a PostgreSQL database. Brings the schema up to date first, in one transaction
 * that concurrent starters wait for. Needs a session of its own (LISTEN), so no transaction pooler. Throws
 * CONFIG_POOLER, CONFIG_INVALID (TLS), QUEUE_UNAVAILABLE.
 */
export async function openPostgresQueue(
  url: DatabaseUrl,
  schema: string = namespace.postgresql,
): Promise<QueueBackend> {
  const where = `PostgreSQL at ${url.toString()}`;
  if (url.parts.saysPooler) {
    throw new SyncError(
      'CONFIG_POOLER',
      'QUEUE_DATABASE_URL leads to a transaction pooler, through which LISTEN does not work; the queue needs it.',
    );
  }
  const base = await migrate(url, schema, where);
  return bindBackend(createPostgresBackend, {
    kind: 'postgresql',
    where,
    claims: postgresClaims,
    connections: {
      calls: { ...base, max: callConnections },
      worker: { ...base, max: workerConnections },
      events: { ...base, max: eventConnections },
    },
  });
}

/** Connects the way `sslmode` allows, brings the schema up to date, and returns the settings that connected. */
async function migrate(
  url: DatabaseUrl,
  schema: string,
  where: string,
): Promise<PostgresPoolConfig & { schema: string }> {
  const { host, port, user, password, database, connectTimeoutSeconds, options, channelBinding } = url.parts;
  let reason: unknown;
  for (const ssl of await tlsAttempts(url.parts)) {
    const base = {
      host,
      port,
      user,
      ...(password === null ? {} : { password: password.reveal() }),
      database,
      ssl,
      enableChannelBinding: channelBinding !== 'disable',
      ...(options === null ? {} : { options }),
      schema,
      connectionTimeoutMillis: connectTimeoutSeconds * 1000,
      stream: insistingStream(channelBinding, reachingStream(connectTimeoutSeconds * 1000)),
      idleTimeoutMillis: idleTimeoutMs,
      keepAlive: true,
      application_name: 'multiboard-sync queue',
    };
    const connection = new PostgresConnection({ ...base, max: 1 });
    try {
      const client = await connection.pool.connect();
      try {
        await runMigrations(client, schema);
        await client.query(claimsTableSql);
      } finally {
        client.release();
      }
      return base;
    } catch (error) {
      reason = error;
      if (!mayTryOtherTls(error)) break;
    } finally {
      await connection.close();
    }
  }
  throw new SyncError('QUEUE_UNAVAILABLE', `Cannot use ${where}: ${queueFact(reason)}.`, { cause: reason });
}

/** The server speaks no TLS, or insists on it (libpq tries the other way after the same two answers). */
function mayTryOtherTls(error: unknown): boolean {
  return (
    sqlState(error) === '28000' || (error instanceof Error && error.message.includes('does not support SSL'))
  );
}

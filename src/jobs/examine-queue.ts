import type { Config } from '../config/config.ts';
import { parseDatabaseUrl } from '../environments/database-url.ts';
import { asSyncError } from '../errors/sync-error.ts';
import { sqlFile } from '../lib/sql-file.ts';
import { Database } from '../postgres/database.ts';
import type { Finding } from '../sync/verbs/doctor.ts';
import { probeRedis } from './queue-redis.ts';
import { namespace } from './queue-settings.ts';

const schemaSql = sqlFile(import.meta.url, './queue-schema.sql');
const subject = 'queue';

/**
 * Whether the queue's server answers and can be used, for `doctor`: nothing is made there. Without a setting the
 * service starts a PostgreSQL of its own in its data directory, and there is nothing to look at. Never throws but for
 * an abort.
 */
export async function examineQueue(
  { redisUrl, queueDatabaseUrl }: Pick<Config['jobs'], 'redisUrl' | 'queueDatabaseUrl'>,
  options: { readonly signal: AbortSignal; readonly connectTimeoutSeconds?: number | undefined },
): Promise<readonly Finding[]> {
  try {
    if (redisUrl !== null) {
      const { where, policy } = await probeRedis(redisUrl, options);
      return [
        policy === 'noeviction'
          ? { level: 'ok', subject, finding: `${where} answers`, remedy: null }
          : {
              level: 'note',
              subject,
              finding: `${where} may throw jobs away when it is full: its maxmemory-policy is ${policy}`,
              remedy: 'Set maxmemory-policy noeviction in redis.conf.',
            },
      ];
    }
    if (queueDatabaseUrl === null) return [];
    const url = parseDatabaseUrl('QUEUE_DATABASE_URL', queueDatabaseUrl.reveal(), options);
    await using database = new Database({
      url,
      side: 'source',
      access: 'read',
      applicationName: 'multiboard-sync doctor',
      connectionsMax: 2,
    });
    const [row] = await database.withSession(
      (session) => session.query<{ usable: boolean }>(schemaSql, [namespace.postgresql], options),
      options.signal,
    );
    return [
      row?.usable === true
        ? { level: 'ok', subject, finding: `PostgreSQL at ${url.toString()} answers`, remedy: null }
        : {
            level: 'fault',
            subject,
            finding:
              'the role of QUEUE_DATABASE_URL may not create the schema ' +
              `"${namespace.postgresql}" of the queue, nor use it`,
            remedy: `GRANT CREATE ON DATABASE … to it, or CREATE SCHEMA ${namespace.postgresql} AUTHORIZATION … for it.`,
          },
    ];
  } catch (error) {
    options.signal.throwIfAborted();
    const { message, hint } = asSyncError(error);
    return [{ level: 'fault', subject, finding: message, remedy: hint }];
  }
}

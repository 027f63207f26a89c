import type { PostgresQueueBackend } from 'bullmq';
import { sqlFile } from '../../lib/sql-file.ts';
import { queueName } from '../queue-settings.ts';
import type { Claims, WriteAnswer } from './claims.ts';

/** Run once when the queue is opened, before the first claim. */
export const claimsTableSql = sqlFile(import.meta.url, './claims.sql');
const holdSql = sqlFile(import.meta.url, './hold.sql');
const releaseSql = sqlFile(import.meta.url, './release.sql');
const unfinishedSql = sqlFile(import.meta.url, './unfinished.sql');
const writeSql = sqlFile(import.meta.url, './write-status.sql');

/** Claims as rows of a table in the queue's schema. */
export function postgresClaims(backend: PostgresQueueBackend): Claims {
  /** The first column of the first row; undefined where there is none. */
  const ask = async (sql: string, parameters: readonly unknown[]): Promise<unknown> => {
    await backend.waitUntilReady();
    const { rows } = await backend.connection.pool.query(sql, [...parameters]);
    return Object.values(rows[0] ?? {})[0];
  };
  return {
    async hold({ name, holder }, ms) {
      for (;;) {
        const by = await ask(holdSql, [name, holder, ms]);
        if (typeof by === 'string') return by === holder ? null : by;
      }
    },
    async release({ name, holder }) {
      await ask(releaseSql, [name, holder]);
    },
    unfinished: async () => (await ask(unfinishedSql, [queueName])) as readonly string[],
    async write({ jobId, claim, status, begins }) {
      const values = [queueName, jobId, claim.name, claim.holder, JSON.stringify(status), begins];
      for (;;) {
        const answer = await ask(writeSql, values);
        if (typeof answer === 'string') return answer as WriteAnswer;
      }
    },
  };
}

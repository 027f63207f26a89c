import { setTimeout as delay } from 'node:timers/promises';
import { sqlFile } from '../../lib/sql-file.ts';
import type { Queryable } from '../../postgres/session.ts';
import { departureMs } from './lock.ts';

const sessionsOfRunSql = sqlFile(import.meta.url, './sessions-of-run.sql');
const pollMs = 200;

/**
 * Whether a run has no session left on this server. The last statement of a killed run goes on until the server
 * notices the kill, so this waits for it; a run whose sessions stay longer is alive. `own` are backends of the asking
 * run, which may be a later attempt at the same job.
 */
export async function haveLeft(session: Queryable, jobId: string, own: readonly number[]): Promise<boolean> {
  for (let waited = 0; ; waited += pollMs) {
    const [row] = await session.query<{ sessions: number }>(sessionsOfRunSql, [jobId, own]);
    if (row?.sessions === 0) return true;
    if (waited >= departureMs) return false;
    await delay(pollMs);
  }
}
